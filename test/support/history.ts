import { isDeepStrictEqual } from "node:util";
import type { AuditEventView } from "./evening.ts";
import { problemsOfPeople } from "./history-people.ts";
import { Model, type ModelEntry } from "./model.ts";
import type { Accepted, Command } from "./seat.ts";

/** What clients recorded of a session, each on their own: what they sent, what they were told, and what they saw. */
export interface History {
  readonly commands: readonly RecordedCommand[];
  readonly sightings: readonly Sighting[];
  readonly views: readonly View[];
  readonly checkpoints: readonly Checkpoint[];
  readonly places: readonly PlaceSeen[];
  readonly digests: readonly DigestTold[];
  readonly trails: readonly Trail[];
}

/** `tick` counts what the recorder was told, so a smaller one was earlier, by the clock of the one process they all run in. */
export interface RecordedCommand extends Command {
  readonly userId: string;
  readonly sentAt: readonly number[];
  readonly answers: readonly RecordedAnswer[];
  readonly refusals: readonly { readonly tick: number; readonly code: string }[];
}

/** `seenSeq`: the `state.seq` that the sender had when the answer came. */
export interface RecordedAnswer extends Accepted {
  readonly tick: number;
  readonly seenSeq: number;
}

/** One entry as somebody saw it for the first time, or as a conflict told it; a conflict does not say by whom. */
export interface Sighting {
  readonly tick: number;
  readonly viewer: string;
  readonly path: string;
  readonly value: string;
  readonly version: number;
  readonly by: string | null;
}

/** Everything that somebody saw at one moment: up to `seq`, with the digest that they computed over `entries`. */
export interface View {
  readonly tick: number;
  readonly viewer: string;
  readonly seq: number;
  readonly digest: string;
}

/**
 * The whole of the server's state, hidden entries included, as asked for after a restart or at the end. `mayLoseTail`: the
 * disk was made to lose what it had promised to keep, so that commands before may be gone, but only the last ones.
 */
export interface Checkpoint {
  readonly tick: number;
  readonly label: string;
  readonly seq: number;
  readonly entries: ReadonlyMap<string, ModelEntry>;
  readonly mayLoseTail?: true;
}

/** Somebody's place as they found it when they sat down. */
export interface PlaceSeen {
  readonly tick: number;
  readonly userId: string;
  readonly label: string;
  readonly role: string;
  readonly joinedAt: number;
}

/** What the server says are the digests at `seq`, beside what a client computed over what it sees at `seenSeq`. */
export interface DigestTold {
  readonly tick: number;
  readonly viewer: string;
  readonly seq: number;
  readonly seenSeq: number;
  readonly told: { readonly entries: string; readonly hidden: string; readonly inState: string };
  readonly computed: { readonly entries: string; readonly hidden: string };
}

/** The audit trail, and what the server says of it. */
export interface Trail {
  readonly tick: number;
  readonly label: string;
  readonly verdict: {
    readonly valid: boolean;
    readonly count: number;
    readonly firstBrokenAt: number | null;
    readonly head: string;
  };
  readonly events: readonly AuditEventView[];
}

/**
 * Looks for anything in a history that a server which loses nothing, invents nothing and orders everything could not have
 * done. Every command must have been answered in the end (unanswered ones sent again), and the clients of the history must be
 * the only ones who wrote.
 * @returns the problems, in words; none for a history that holds
 */
export function problemsOf(history: History): string[] {
  return [
    ...problemsOfAnswers(history.commands),
    ...problemsOfOrder(history.commands),
    ...problemsOfRestoring(history),
    ...problemsOfReplay(history),
    ...problemsOfPeople(history),
  ];
}

/** Each command is answered, always the same, once without `duplicate` at most, and counts once. */
function problemsOfAnswers(commands: readonly RecordedCommand[]): string[] {
  const problems: string[] = [];
  const commandOfSeq = new Map<number, string>();
  for (const command of commands) {
    const { answers, refusals } = command;
    const [first] = answers;
    if (first === undefined) {
      if (refusals.length === 0) problems.push(`${nameOf(command)} was never answered`);
      continue;
    }
    for (const answer of answers) {
      if (answer.seenSeq < answer.seq) {
        problems.push(`${nameOf(command)} was answered ${told(answer)} while its sender saw seq ${answer.seenSeq}`);
      }
      if (answer.seq !== first.seq || !isDeepStrictEqual(answer.result, first.result)) {
        problems.push(`${nameOf(command)} was answered ${told(first)}, then ${told(answer)}`);
      }
    }
    if (answers.filter(({ duplicate }) => duplicate !== true).length > 1) {
      problems.push(`${nameOf(command)} was answered twice as if it were new`);
    }
    if (answers.some(({ duplicate }) => duplicate === true) && command.sentAt.length < 2) {
      problems.push(`${nameOf(command)} was called a duplicate, and was sent once`);
    }
    if (refusals.some(({ tick }) => tick > first.tick)) problems.push(`${nameOf(command)} was accepted, then refused`);
    const other = commandOfSeq.get(first.seq);
    if (other !== undefined) problems.push(`${nameOf(command)} and ${other} both are seq ${first.seq}`);
    commandOfSeq.set(first.seq, nameOf(command));
  }
  const highest = Math.max(0, ...commandOfSeq.keys());
  for (let seq = 1; seq <= highest; seq += 1) {
    if (!commandOfSeq.has(seq)) problems.push(`seq ${seq} belongs to no command that anybody sent`);
  }
  return problems;
}

/** What was answered before another was sent comes before it; and so does what the same client sent before, answered or not. */
function problemsOfOrder(commands: readonly RecordedCommand[]): string[] {
  const problems: string[] = [];
  let earliest: { readonly tick: number; readonly command: RecordedCommand } | null = null;
  /** by client: of what comes later, that which was sent for the last time before all others */
  const earliestSent = new Map<string, { readonly tick: number; readonly command: RecordedCommand }>();
  for (const command of committed(commands).reverse()) {
    const sent = command.sentAt[0] ?? Number.POSITIVE_INFINITY;
    if (earliest !== null && earliest.tick < sent) {
      problems.push(`${nameOf(command)} was sent after the answer to ${nameOf(earliest.command)}, and comes before it`);
    }
    const own = earliestSent.get(command.userId);
    if (own !== undefined && own.tick < sent) {
      problems.push(`${nameOf(command)} was sent after ${nameOf(own.command)}, and comes before it`);
    }
    const answered = command.answers[0]?.tick ?? Number.POSITIVE_INFINITY;
    if (earliest === null || answered < earliest.tick) earliest = { tick: answered, command };
    const lastSent = command.sentAt.at(-1) ?? Number.POSITIVE_INFINITY;
    if (own === undefined || lastSent < own.tick) earliestSent.set(command.userId, { tick: lastSent, command });
  }
  return problems;
}

/** What was answered or seen before a checkpoint is in it, and nobody's state goes back. */
function problemsOfRestoring({ commands, views, checkpoints }: History): string[] {
  const problems: string[] = [];
  const accepted = committed(commands);
  for (const { tick, label, seq } of checkpoints) {
    for (const command of accepted) {
      const answer = command.answers[0];
      if (answer !== undefined && answer.tick < tick && answer.seq > seq) {
        problems.push(`${label}: ${nameOf(command)} was answered ${told(answer)}, and the state ends at seq ${seq}`);
      }
    }
    for (const view of views) {
      if (view.tick < tick && view.seq > seq) {
        problems.push(`${label}: ${view.viewer} saw seq ${view.seq}, and the state ends at seq ${seq}`);
      }
    }
  }
  const newest = new Map<string, number>();
  for (const { viewer, seq } of views) {
    const before = newest.get(viewer) ?? 0;
    if (seq < before) problems.push(`${viewer} saw seq ${before}, then ${seq}`);
    newest.set(viewer, Math.max(before, seq));
  }
  return problems;
}

/** Done over by the model, the commands give the results that were answered and everything that was seen. */
function problemsOfReplay({ commands, sightings, views, checkpoints }: History): string[] {
  const problems: string[] = [];
  const model = new Model();
  const viewsAt = Map.groupBy(views, ({ seq }) => seq);
  const checkpointsAt = Map.groupBy(checkpoints, ({ seq }) => seq);
  const authors = new Map<string, string>();
  const examine = (seq: number) => {
    for (const { viewer, digest } of viewsAt.get(seq) ?? []) {
      if (digest !== model.digest)
        problems.push(`${viewer} saw the digest ${digest} at seq ${seq}, not ${model.digest}`);
    }
    for (const checkpoint of checkpointsAt.get(seq) ?? []) problems.push(...differences(checkpoint, model));
    viewsAt.delete(seq);
    checkpointsAt.delete(seq);
  };
  examine(0);
  for (const command of committed(commands)) {
    const answer = command.answers[0] as Accepted;
    try {
      const result = model.apply({ ...command, seq: answer.seq });
      if (!isDeepStrictEqual(result, answer.result)) {
        problems.push(
          `${nameOf(command)} at seq ${answer.seq} was answered ${JSON.stringify(answer.result)}, not ${JSON.stringify(result)}`,
        );
      }
    } catch (error) {
      problems.push(`${nameOf(command)} was accepted as seq ${answer.seq}: ${(error as Error).message}`);
    }
    for (const [path, entry] of model.entries) {
      if (entry.version === answer.seq) authors.set(keyOf(path, entry), entry.by);
    }
    examine(answer.seq);
  }
  for (const seq of new Set([...viewsAt.keys(), ...checkpointsAt.keys()]))
    problems.push(`seq ${seq} was seen, and no command made it`);
  for (const { viewer, path, value, version, by } of sightings) {
    const author = authors.get(keyOf(path, { value, version }));
    if (author === undefined || (by !== null && by !== author)) {
      problems.push(`${viewer} saw ${path} = ${value}, version ${version} by ${by}, which nobody made`);
    }
  }
  return problems;
}

function differences({ label, entries }: Checkpoint, model: Model): string[] {
  const problems: string[] = [];
  for (const [path, entry] of model.entries) {
    const found = entries.get(path);
    if (found === undefined) problems.push(`${label}: ${path}, version ${entry.version}, is gone`);
    else if (keyOf(path, found) !== keyOf(path, entry) || found.by !== entry.by) {
      problems.push(`${label}: ${path} is ${JSON.stringify(found)}, not ${JSON.stringify(entry)}`);
    }
  }
  for (const path of entries.keys())
    if (!model.entries.has(path)) problems.push(`${label}: ${path} is there, and should not be`);
  return problems;
}

function committed(commands: readonly RecordedCommand[]): RecordedCommand[] {
  return commands
    .filter(({ answers }) => answers.length > 0)
    .sort((a, b) => (a.answers[0]?.seq ?? 0) - (b.answers[0]?.seq ?? 0));
}

function keyOf(path: string, { version, value }: Pick<ModelEntry, "version" | "value">): string {
  return `${path}\n${version}\n${value}`;
}

function nameOf({ userId, id, action }: RecordedCommand): string {
  return `${userId}'s ${action} ${id}`;
}

function told({ seq, result }: Accepted): string {
  return result === undefined ? `seq ${seq}` : `seq ${seq} with ${JSON.stringify(result)}`;
}
