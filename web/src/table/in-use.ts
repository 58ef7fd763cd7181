import type { Table } from "../../../clients/js/src/index.ts";

/** Seldom enough to be nothing, often enough for the default of two minutes after which people are idle. */
const SAY_EVERY_MS = 45_000;

/**
 * Tells the table whether the person is there: a page that is used says so now and then, one that is put out of sight
 * says that, too. @returns a function that stops it
 */
export function inUse(table: Table): () => void {
  let saidAt = 0;
  const say = (status: "online" | "idle") => void table.presence(status).catch(() => {});
  const used = () => {
    if (Date.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = Date.now();
    say("online");
  };
  const seen = () => {
    if (document.visibilityState === "visible") used();
    else {
      saidAt = 0;
      say("idle");
    }
  };
  addEventListener("pointerdown", used);
  addEventListener("keydown", used);
  document.addEventListener("visibilitychange", seen);
  return () => {
    removeEventListener("pointerdown", used);
    removeEventListener("keydown", used);
    document.removeEventListener("visibilitychange", seen);
  };
}
