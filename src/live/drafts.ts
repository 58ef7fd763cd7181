import { AccessChanges } from "../core/access-list.ts";
import type { LogRecord, RecordContent } from "../core/record.ts";
import type { SessionState } from "../core/state.ts";
import type { Projection } from "../ports/log.ts";
import { changedRowsOf, rowOf } from "./row.ts";
import type { Carried } from "./waiting-notes.ts";

interface Waiter {
  done(): void;
  failed(error: Error): void;
}

/** A record that is not known to be stored, with who waits for it and with what must outlive it if it fails. */
export interface Draft {
  readonly record: LogRecord;
  readonly carried: Carried;
  /** about how large the record is */
  bytes: number;
  readonly waiters: Waiter[];
}

const MAX_COMMANDS_PER_RECORD = 256;
/** One command may come to more; several do not: whoever reads the log holds a record at a time. */
const MAX_SHARED_BYTES = 1024 * 1024;

export type CommandsDraft = Draft & { readonly record: { readonly content: { readonly kind: "commands" } } };

/** Whether a command of so many bytes may share a draft's record. */
export function hasRoomFor(bytes: number, draft: Draft): draft is CommandsDraft {
  const { content } = draft.record;
  if (content.kind !== "commands" || content.commands.length >= MAX_COMMANDS_PER_RECORD) return false;
  return draft.bytes + bytes <= MAX_SHARED_BYTES;
}

/** Kinds after which the row for lists reads differently. */
const ROW_KINDS: ReadonlySet<RecordContent["kind"]> = new Set(["created", "opened", "status", "settings"]);

/** Resolves when it is stored and shown. @throws as a rejection, where it is not known to be stored */
export function outcomeOf(draft: Draft): Promise<void> {
  return new Promise((resolve, reject) => draft.waiters.push({ done: resolve, failed: reject }));
}

export function tellDone(drafts: readonly Draft[]): void {
  for (const draft of drafts) for (const waiter of draft.waiters.splice(0)) waiter.done();
}

export function tellFailed(drafts: readonly Draft[], error: Error): void {
  for (const draft of drafts) for (const waiter of draft.waiters.splice(0)) waiter.failed(error);
}

/**
 * What is to be stored beside the log with them, undefined where nothing is.
 * @param state after the last of them, and with nothing that comes later
 */
export function projectionOf(drafts: readonly Draft[], state: SessionState): Projection | undefined {
  const changes = new AccessChanges();
  for (const { record } of drafts) changes.add(record);
  const access = changedRowsOf(state, changes);
  const changesRow = drafts.some(({ record }) => ROW_KINDS.has(record.content.kind));
  if (!changesRow && access === undefined) return undefined;
  return { ...(changesRow ? { row: rowOf(state) } : {}), ...(access === undefined ? {} : { access }) };
}
