import type { Actor } from "../core/session.ts";
import { auditKindOf, step as nextStatus, type Step } from "../core/status.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note, SYSTEM } from "./notes.ts";

/**
 * Starts, pauses, resumes or ends a session; with its end, everybody's place ends.
 * @param by undefined: the server itself
 * @throws JournalUnavailable
 */
export async function takeStep(
  journal: Journal,
  clock: Clock,
  name: Step,
  by: Actor | undefined,
  reason: string,
): Promise<"done" | "unchanged" | "invalid_transition"> {
  const next = nextStatus(journal.head, name, by?.userId ?? "");
  if (typeof next === "string") {
    await journal.stored();
    return next;
  }
  const now = clock.now();
  const places = next.to === "ended" ? [...journal.head.places.values()] : [];
  await journal.propose({ kind: "status", status: next.to, by: by?.userId ?? "", reason }, [
    note(auditKindOf(name), by ?? SYSTEM, now, reason === "" ? {} : { reason }),
    ...places.map((place) => note("participant.left", place, now, { reason: "session_ended" })),
  ]);
  return "done";
}
