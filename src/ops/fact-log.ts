import type { AuditEvent, AuditKind, LogRecord } from "../core/record.ts";
import type { LiveFacts } from "../live/facts.ts";
import type { Logger } from "./log.ts";

/** Somebody's mouse, all evening long: worth a line when one looks for something. */
const CHATTY: ReadonlySet<AuditKind> = new Set(["participant.idle", "participant.online"]);

/**
 * One line per fact of the running sessions: ids, kinds and codes. Of an event's data only what is named here is taken,
 * so that a field that somebody adds later is not in a log before it was thought about: titles, names and reasons of
 * people are not.
 */
export function factsInto(log: Logger): LiveFacts {
  return {
    recorded: (record) => {
      for (const event of record.audit) {
        const line = lineOf(record.sessionId, event);
        if (CHATTY.has(event.kind)) log.debug(line, event.kind);
        else log.info(line, event.kind);
      }
      if (record.content.kind === "commands" && log.isLevelEnabled("debug")) commandLines(log, record);
    },
    refused: (session, user, command, code) => {
      if (log.isLevelEnabled("debug")) log.debug({ session, user, command, code }, "command refused");
    },
    snapshotSaved: (session, pos, ms) => log.info({ session, pos, ms: Math.round(ms) }, "snapshot saved"),
    fenced: (session, epoch) => log.warn({ session, epoch }, "fenced: another process hosts this session"),
  };
}

function commandLines(log: Logger, { sessionId, content }: LogRecord): void {
  if (content.kind !== "commands") return;
  for (const { seq, userId, id, action } of content.commands) {
    log.debug({ session: sessionId, seq, user: userId, command: id, action }, "command accepted");
  }
}

function lineOf(session: string, { n, kind, actor, data }: AuditEvent): object {
  const { userId, inviteId, role, was, epoch, aliveUntil } = data;
  // Why a place ended is one of our own words; every other reason is somebody's text.
  const why = kind === "participant.left" ? data.reason : undefined;
  return {
    session,
    n,
    user: actor.userId,
    via: actor.via,
    concerning: userId,
    inviteId,
    role,
    was,
    epoch,
    aliveUntil,
    why,
  };
}
