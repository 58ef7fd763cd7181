import type { Actor, Settings } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Journal } from "./journal.ts";
import { note } from "./notes.ts";

/** What is to be another of a session from now on; what it does not name stays. */
export interface Update {
  readonly title?: string;
  readonly maxParticipants?: number;
  readonly settings?: Partial<Settings>;
}

/** An empty one is no event. @throws JournalUnavailable */
export async function applyUpdate(
  journal: Journal,
  clock: Clock,
  update: Update,
  by: Actor,
): Promise<"done" | "session_ended"> {
  if (journal.head.status === "ended") return "session_ended";
  const { title, maxParticipants, settings } = update;
  const data = {
    ...(title === undefined ? {} : { title }),
    ...(maxParticipants === undefined ? {} : { maxParticipants }),
    ...settings,
  };
  if (Object.keys(data).length === 0) return "done";
  await journal.propose({ kind: "settings", ...update }, [note("session.updated", by, clock.now(), data)]);
  return "done";
}
