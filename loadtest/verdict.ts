/** What one participant, or an answer of the server, says the session is in the end. */
export interface View {
  readonly who: string;
  readonly seq: number;
  readonly counter: number;
  /** contract section 8, computed by the client over what it holds */
  readonly digest: string;
}

/** What was done at a table, and what came of it. Figures count from the start of play. */
export interface Outcome {
  readonly sessionId: string;
  readonly seqAtStart: number;
  readonly counterAtStart: number;
  /** commands answered with a seq, each id once */
  readonly acknowledged: number;
  /** of these: increments of the shared counter, by 1 each */
  readonly increments: number;
  /** commands of which it is not known whether they happened, not even after sending them again */
  readonly unanswered: number;
  /** answers whose seq the sender's own state did not show yet */
  readonly unseen: number;
  /** seqs that two different commands were answered with */
  readonly sharedSeqs: number;
  readonly views: readonly View[];
  /** the server's own digest, if it tells one for the last seq */
  readonly serverDigest: string | null;
}

interface Seen {
  readonly committed: number;
  readonly counted: number;
}

/**
 * What is wrong with an outcome, a sentence each; none if every acknowledged command happened exactly once and all see the
 * same. `strict` also asks for what only our contract promises: that the patch is there before the answer.
 */
export function faultsOf(outcome: Outcome, strict: boolean): string[] {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`session ${outcome.sessionId}: ${text}`);
  if (outcome.unanswered > 0) fault(`${outcome.unanswered} commands were never answered`);
  if (outcome.sharedSeqs > 0) fault(`${outcome.sharedSeqs} commands were answered with another command's seq`);
  if (strict && outcome.unseen > 0) fault(`${outcome.unseen} answers came before their patch`);
  for (const [seen, who] of byWhatTheySee(outcome)) {
    const { committed, counted } = JSON.parse(seen) as Seen;
    const lost = committed < outcome.acknowledged || counted < outcome.increments;
    const twice =
      committed > outcome.acknowledged + outcome.unanswered || counted > outcome.increments + outcome.unanswered;
    if (!lost && !twice) continue;
    fault(
      `${lost ? "lost" : "happened twice"}: ${who.join(", ")} see ${committed} commands and ${counted} increments; ` +
        `acknowledged: ${outcome.acknowledged} and ${outcome.increments}`,
    );
  }
  const digests = new Set(outcome.views.map((view) => view.digest));
  if (digests.size > 1) fault(`its ${outcome.views.length} participants hold ${digests.size} different states`);
  if (outcome.serverDigest !== null && !digests.has(outcome.serverDigest)) {
    fault(`the server's digest is ${outcome.serverDigest}, the participants' ${[...digests].join(", ")}`);
  }
  return faults;
}

function byWhatTheySee({ views, seqAtStart, counterAtStart }: Outcome): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { who, seq, counter } of views) {
    const seen: Seen = { committed: seq - seqAtStart, counted: counter - counterAtStart };
    const key = JSON.stringify(seen);
    groups.set(key, [...(groups.get(key) ?? []), who]);
  }
  return groups;
}
