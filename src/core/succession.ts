import { isKnownKind, type LogRecord, RECORD_FORMAT } from "./record.ts";
import type { SessionState } from "./state.ts";

/**
 * Why a record cannot be the next of a session, undefined where it can. Looked at as a whole before anything of it is
 * applied, so that a damaged log never leaves half a record behind.
 */
export function misfitOf(state: SessionState, record: LogRecord): string | undefined {
  const { content } = record;
  if (record.v !== RECORD_FORMAT) return `format ${String(record.v)} is unknown, ${RECORD_FORMAT} is known`;
  if (!isKnownKind(content.kind)) return "it is of a kind that this program does not know";
  if (record.sessionId !== state.sessionId) return `it is of session ${record.sessionId}`;
  if (record.pos !== state.pos + 1) return `position ${record.pos} does not follow ${state.pos}`;
  if (record.epoch < state.epoch) return `epoch ${record.epoch} falls below ${state.epoch}`;
  if (content.kind === "opened" && state.process !== null && record.epoch === state.epoch) {
    return `opened a second time in epoch ${record.epoch}`;
  }
  if ((content.kind === "created") !== (record.pos === 1)) return `${content.kind} cannot stand at this position`;
  if (content.kind === "forgotten" && state.status !== "ended") {
    return `content is forgotten of an ended session alone, this one is ${state.status}`;
  }
  return (
    misfitOfCommands(state, record) ??
    misfitOfInvite(state, record) ??
    misfitOfKnock(state, record) ??
    misfitOfAudit(state, record)
  );
}

function misfitOfCommands(state: SessionState, { content }: LogRecord): string | undefined {
  if (content.kind !== "commands") return undefined;
  let seq = state.seq;
  for (const command of content.commands) {
    if (command.seq !== seq + 1) return `command ${command.seq} does not follow ${seq}`;
    seq = command.seq;
  }
  return undefined;
}

function misfitOfInvite(state: SessionState, { content }: LogRecord): string | undefined {
  let named: string | null = null;
  if (content.kind === "place" && content.change.what === "joined") named = content.change.inviteId;
  if (content.kind === "invite" && content.change.what === "revoked") named = content.change.inviteId;
  return named === null || state.invites.has(named) ? undefined : `invite ${named} does not exist`;
}

function misfitOfKnock(state: SessionState, { content }: LogRecord): string | undefined {
  if (content.kind !== "knock" || content.change.what === "asked" || content.change.what === "lapsed") return undefined;
  return state.knocks.has(content.change.userId) ? undefined : "it answers somebody who did not knock";
}

function misfitOfAudit(state: SessionState, { audit }: LogRecord): string | undefined {
  let n = state.auditCount;
  let head = state.auditHead;
  for (const event of audit) {
    if (event.n !== n + 1) return `audit event ${event.n} does not follow ${n}`;
    if (event.prev !== head) return `audit event ${event.n} does not name the hash before it`;
    n = event.n;
    head = event.hash;
  }
  return undefined;
}
