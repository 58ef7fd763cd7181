import type { Entry, Participant, SessionState, Status } from "../../../clients/js/src/index.ts";

/** The table at one moment, kept while a connection is away. */
export interface Glimpse {
  readonly seq: number;
  readonly status: Status;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly people: ReadonlyMap<string, Participant>;
}

export type AwayLine =
  | { readonly what: "status"; readonly status: Status }
  | { readonly what: "came" | "left"; readonly who: Participant }
  | { readonly what: "changed"; readonly path: string; readonly by: string }
  | { readonly what: "gone"; readonly path: string };

/** What happened while somebody was away. */
export interface Away {
  /** ms */
  readonly span: number;
  /** commands of everybody, those that changed nothing one can see included */
  readonly commands: number;
  readonly lines: readonly AwayLine[];
}

export function glimpseOf({ seq, status, entries, hidden, participants }: SessionState): Glimpse {
  return { seq, status, entries: new Map([...entries, ...hidden]), people: new Map(participants) };
}

/** @param me whose own coming and going is no news */
export function awayBetween(before: Glimpse, after: Glimpse, span: number, me: string): Away {
  const lines: AwayLine[] = [];
  if (after.status !== before.status) lines.push({ what: "status", status: after.status });
  for (const [userId, who] of after.people) {
    if (userId !== me && !before.people.has(userId)) lines.push({ what: "came", who });
  }
  for (const [userId, who] of before.people) {
    if (userId !== me && !after.people.has(userId)) lines.push({ what: "left", who });
  }
  const changed = [...after.entries].filter(([path, { version }]) => before.entries.get(path)?.version !== version);
  changed.sort(([, one], [, other]) => one.version - other.version);
  for (const [path, { by }] of changed) lines.push({ what: "changed", path, by });
  for (const path of before.entries.keys()) if (!after.entries.has(path)) lines.push({ what: "gone", path });
  return { span, commands: after.seq - before.seq, lines };
}
