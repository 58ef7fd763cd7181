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

/** What changes nothing is no event, and is told once what it rests on is stored. @throws JournalUnavailable */
export async function applyUpdate(
  journal: Journal,
  clock: Clock,
  update: Update,
  by: Actor,
): Promise<"done" | "session_ended"> {
  const { status, title, maxParticipants, settings: all } = journal.head;
  const { settings, ...rest } = update;
  const others = changed(rest, { title, maxParticipants });
  const otherSettings = changed(settings ?? {}, all);
  const data = { ...others, ...otherSettings };
  if (status === "ended" || Object.keys(data).length === 0) {
    await journal.stored();
    return status === "ended" ? "session_ended" : "done";
  }
  const change = { ...others, ...(Object.keys(otherSettings).length === 0 ? {} : { settings: otherSettings }) };
  await journal.propose({ kind: "settings", ...change }, [note("session.updated", by, clock.now(), data)]);
  return "done";
}

/** The fields that are to be other than they are. */
function changed<Fields extends object>(to: Partial<Fields>, from: Fields): Partial<Fields> {
  const entries = Object.entries(to).filter(([name, value]) => value !== from[name as keyof Fields]);
  return Object.fromEntries(entries) as Partial<Fields>;
}
