// What a small page would do: take a seat, with an outbox that a reload does not empty.
import { connect, localStorageOutbox, type Table } from "../../../clients/js/src/index.ts";

declare global {
  var table: Table;
  var diverged: unknown[];
  /** what `trouble` said */
  var troubles: string[];
  /** the longest that the page did not answer, in ms */
  var longestFreezeMs: number;
}

const { endpoint, sessionId, token } = JSON.parse(
  decodeURIComponent((globalThis as unknown as { location: { hash: string } }).location.hash.slice(1)),
) as { endpoint: string; sessionId: string; token: string };

globalThis.diverged = [];
globalThis.table = connect({ endpoint, sessionId, token, client: "page", storage: localStorageOutbox() });
globalThis.table.on("diverged", (event) => void globalThis.diverged.push(event));

globalThis.troubles = [];
globalThis.table.on("trouble", ({ what }) => void globalThis.troubles.push(what));

globalThis.longestFreezeMs = 0;
let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  globalThis.longestFreezeMs = Math.max(globalThis.longestFreezeMs, now - lastTick - 10);
  lastTick = now;
}, 10);
