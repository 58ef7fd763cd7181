import { type AccessChanges, factsOf, peopleOf } from "../core/access-list.ts";
import type { SessionState } from "../core/state.ts";
import type { Projection } from "../ports/log.ts";
import type { AccessRows, SessionRow } from "../ports/sessions.ts";
import type { Restored } from "./restore.ts";

/** A session's row for lists, as its state says. */
export function rowOf(state: SessionState): SessionRow {
  const { sessionId, campaignId, title, status, maxParticipants, settings } = state;
  const { createdBy, createdAt, startedAt, endedAt } = state;
  return { sessionId, campaignId, title, status, maxParticipants, settings, createdBy, createdAt, startedAt, endedAt };
}

/** All people and invites of a session, as its state says. */
export function accessRowsOf(state: SessionState): AccessRows {
  return rowsOf(state, { people: peopleOf(state), invites: state.invites.keys() });
}

/**
 * What is to be stored beside the log by whoever goes on with it, so that it is what the log says: whatever the records
 * after the snapshot changed, or everything, where that is no snapshot or a former program's.
 */
export function projectionOfRestored(
  state: SessionState,
  { snapshotPos, isFormer, tail }: Pick<Restored, "snapshotPos" | "isFormer" | "tail">,
): Projection {
  const row = rowOf(state);
  if (snapshotPos === 0 || isFormer) {
    // Of those whom the log names, a row may say something of which the state says nothing any more.
    const people = new Set([...peopleOf(state), ...tail.changes.people]);
    return { row, access: rowsOf(state, { people, invites: state.invites.keys() }), isWhole: true };
  }
  const access = changedRowsOf(state, tail.changes);
  return access === undefined ? { row } : { row, access };
}

/** Those of which something new was said, as the state says now; undefined where nothing was. */
export function changedRowsOf(state: SessionState, changes: AccessChanges): AccessRows | undefined {
  const { invites } = changes;
  const people = changes.knocks ? new Set([...changes.people, ...state.knocks.keys()]) : changes.people;
  return people.size + invites.size === 0 ? undefined : rowsOf(state, { people, invites });
}

function rowsOf(
  state: SessionState,
  { people, invites }: { readonly people: Iterable<string>; readonly invites: Iterable<string> },
): AccessRows {
  return {
    people: Array.from(people, (userId) => ({ userId, ...factsOf(state, userId) })),
    invites: Array.from(invites, (id) => state.invites.get(id)!),
  };
}
