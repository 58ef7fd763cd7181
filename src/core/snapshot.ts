import { createHash, hash } from "node:crypto";
import { AnswerMemory, type RememberedAnswer } from "./answers.ts";
import type { Attendance } from "./attendance.ts";
import { EntryTree } from "./entries.ts";
import type { Invite, Invitee, Knock, Place } from "./session.ts";
import { withKnocks, withObjectNumbers, withoutFormerPeoplesAnswers, withRemovalsBefore } from "./snapshot-upgrades.ts";
import { SessionState } from "./state.ts";
import { snapshotFromUnversioned } from "./unversioned.ts";
import { type Format, upgraded } from "./upgrade.ts";

/** The format of a snapshot's text. Older ones are upgraded as they are read, newer ones refused. */
export const SNAPSHOT_FORMAT = 5;

/** The compiler asks for a step whenever the number rises. */
const FORMAT = {
  of: "snapshot",
  field: "format",
  steps: [snapshotFromUnversioned, withoutFormerPeoplesAnswers, withObjectNumbers, withRemovalsBefore, withKnocks],
} as const satisfies Format & {
  readonly steps: { readonly length: typeof SNAPSHOT_FORMAT };
};

/** Every plain field of a state. Spelled out, so that the compiler asks about a field that is forgotten. */
const FIELDS = {
  campaignId: true,
  title: true,
  status: true,
  statusSince: true,
  statusBy: true,
  statusReason: true,
  maxParticipants: true,
  settings: true,
  createdBy: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  pos: true,
  epoch: true,
  process: true,
  seq: true,
  lastAt: true,
  auditCount: true,
  auditHead: true,
  liveMs: true,
  pausedMs: true,
  nextObjectId: true,
  firstObjectId: true,
} as const satisfies Record<PlainField, true>;

/** What is no plain field: containers (listed below), the id, and what a state does. */
type Container = "entries" | "answers" | "places" | "invites" | "invitees" | "banned" | "knocks" | "attendance";
type PlainField = Exclude<keyof SessionState, Container | "sessionId" | "apply" | "applyCommand" | "clone">;

/** Lists, not objects, wherever a key comes from somebody: `__proto__` is a legal one. */
interface SnapshotText extends Pick<SessionState, PlainField> {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly sessionId: string;
  /** by rising path (UTF-16 order) */
  readonly entries: readonly (readonly [path: string, version: number, by: string, value: string])[];
  readonly answers: readonly RememberedAnswer[];
  readonly places: readonly Place[];
  readonly invites: readonly Invite[];
  readonly invitees: readonly (readonly [userId: string, invitee: Invitee])[];
  readonly banned: readonly string[];
  readonly knocks: readonly Knock[];
  readonly attendance: readonly (readonly [userId: string, attendance: Attendance])[];
}

/** A state as JSON text, with its SHA-256 (UTF-8, hex). */
export interface WrittenSnapshot {
  readonly text: string;
  readonly sha256: string;
}

/** About how many characters a piece has: a fraction of a millisecond. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * The whole state as JSON text: reading it and applying the records after `state.pos` gives what all records give. The
 * same fold always gives the same text.
 */
export function writeSnapshot(state: SessionState): WrittenSnapshot {
  const writing = writingOf(state);
  for (;;) {
    const { done, value } = writing.next();
    if (done) return value;
  }
}

/**
 * The same piece by piece, for who lets others have their turn in between: it is the state as it is at this call,
 * whatever is applied to it before the last piece. What it yields is how many characters each piece had.
 */
export function writingOf(state: SessionState): Generator<number, WrittenSnapshot> {
  return writeOut(snapshotOf(state));
}

function* writeOut({ entries, answers, attendance, ...rest }: SnapshotText): Generator<number, WrittenSnapshot> {
  const hash = createHash("sha256");
  const pieces: string[] = [];
  const add = (piece: string): number => {
    hash.update(piece);
    pieces.push(piece);
    return piece.length;
  };
  yield add(JSON.stringify(rest).slice(0, -1));
  for (const [name, items] of Object.entries({ entries, answers, attendance })) {
    yield add(`,"${name}":[`);
    for (const piece of inPieces(items)) yield add(piece);
    yield add("]");
  }
  add("}");
  return { text: pieces.join(""), sha256: hash.digest("hex") };
}

/** The texts of a list's items, with commas between them. */
function* inPieces(items: readonly unknown[]): Generator<string> {
  let texts: string[] = [];
  let characters = 0;
  for (const [i, item] of items.entries()) {
    const text = JSON.stringify(item);
    texts.push(text);
    characters += text.length;
    if (characters < PIECE_CHARACTERS && i < items.length - 1) continue;
    yield i < items.length - 1 ? `${texts.join(",")},` : texts.join(",");
    [texts, characters] = [[], 0];
  }
}

/**
 * What a session comes to, by whatever way: from its log alone, or from any of its snapshots on. It leaves out what
 * snapshots of former programs did not say, or said otherwise: ids that are known for their person's place alone, the
 * numbers of objects, whose place was taken from them.
 * @returns SHA-256 (hex)
 */
export function fingerprintOf(state: SessionState): string {
  const attendance = Array.from(state.attendance, ([userId, { evicted: _, ...person }]) => [userId, person]);
  const answers = state.answers.newestOfSession();
  return sha256Of(JSON.stringify({ ...snapshotOf(state), answers, attendance, nextObjectId: 0, firstObjectId: 0 }));
}

function snapshotOf(state: SessionState): SnapshotText {
  const plain = Object.fromEntries(fieldNames().map((field) => [field, state[field]])) as Pick<
    SessionState,
    PlainField
  >;
  const entries = Array.from(state.entries, ([path, { version, by, value }]) => [path, version, by, value] as const);
  return {
    format: SNAPSHOT_FORMAT,
    sessionId: state.sessionId,
    ...plain,
    entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)),
    answers: state.answers.toJSON(),
    places: [...state.places.values()],
    invites: [...state.invites.values()],
    invitees: [...state.invitees],
    banned: [...state.banned],
    knocks: [...state.knocks.values()],
    attendance: [...state.attendance],
  };
}

/**
 * A state from its snapshot.
 * @param sha256 hex, as it was stored beside the text
 * @throws naming what is wrong: the checksum, the format
 */
export function readSnapshot(text: string, sha256: string): SessionState {
  return readAnySnapshot(text, sha256).state;
}

/** The same, with whether a former program wrote it. */
export function readAnySnapshot(text: string, sha256: string): { state: SessionState; isFormer: boolean } {
  const found = sha256Of(text);
  if (found !== sha256) throw new Error(`checksum is ${found}, should be ${sha256}`);
  const stored: unknown = JSON.parse(text);
  const snapshot = upgraded(stored, FORMAT);
  return { state: stateOf(snapshot as unknown as SnapshotText), isFormer: snapshot !== stored };
}

function stateOf(snapshot: SnapshotText): SessionState {
  const entries = new EntryTree();
  for (const [path, version, by, value] of snapshot.entries) entries.put(path, { value, version, by });
  const placed = snapshot.places.map(({ userId }) => userId);
  const answers = AnswerMemory.fromJSON(snapshot.answers, placed);
  const state = new SessionState(snapshot.sessionId, entries, answers);
  for (const field of fieldNames()) Object.assign(state, { [field]: snapshot[field] });
  for (const place of snapshot.places) state.places.set(place.userId, place);
  for (const invite of snapshot.invites) state.invites.set(invite.id, invite);
  for (const [userId, invitee] of snapshot.invitees) state.invitees.set(userId, invitee);
  for (const userId of snapshot.banned) state.banned.add(userId);
  for (const knock of snapshot.knocks) state.knocks.set(knock.userId, knock);
  for (const [userId, attendance] of snapshot.attendance) state.attendance.set(userId, attendance);
  return state;
}

function fieldNames(): PlainField[] {
  return Object.keys(FIELDS) as PlainField[];
}

function sha256Of(text: string): string {
  return hash("sha256", text, "hex");
}
