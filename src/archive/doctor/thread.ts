import { type ChainVerdict, NOTHING_VERIFIED, verifyChain } from "../../core/audit.ts";
import { type CommandTrace, type LogRecord, tracesOf } from "../../core/record.ts";
import type { SessionState } from "../../core/state.ts";
import type { KeptRecord } from "../../ports/archive.ts";
import type { FindingKind } from "./finding.ts";

/** Something wrong at a position of the log. */
export interface Wrong {
  readonly kind: FindingKind;
  readonly pos: number;
  readonly says: string;
  /** whether `--mend` mends it, if the session can be restored at all */
  readonly canMend?: boolean;
}

/**
 * Runs through what a log keeps for good, trimmed or not: positions and epochs, the audit chain, the traces of
 * commands. After a gap, or a record that cannot be read, the chain and the traces are taken up where they go on: what
 * is missing there is told once.
 */
export class Thread {
  /** of the last record that was followed or skipped */
  pos = 0;
  epoch = 0;
  seq = 0;
  chain: ChainVerdict = NOTHING_VERIFIED;
  /** false after something was lost, until the next sign of where the chain, or the list of commands, goes on */
  #knowsChain = true;
  #knowsSeq = true;
  #toldOfChain = false;

  /** The next record there is. */
  follow(record: KeptRecord): Wrong[] {
    const wrongs = [...this.#passTo(record.pos), ...this.#checkEpoch(record), ...this.#checkChain(record)];
    return [...wrongs, ...this.#checkTraces(record)];
  }

  /** A position that is there and cannot be read. */
  skip(pos: number): Wrong[] {
    const wrongs = this.#passTo(pos);
    this.#lose();
    return wrongs;
  }

  /** The state at this position: it names the events and the commands that have come to pass. */
  meet({ auditCount, auditHead, seq }: SessionState): Wrong[] {
    const wrongs: Wrong[] = [];
    const { pos } = this;
    const isChainEnd = auditCount === this.chain.count && auditHead === this.chain.head;
    if (this.#knowsChain && !isChainEnd && !this.#toldOfChain) {
      this.#toldOfChain = true;
      const says = `the audit chain comes to event ${this.chain.count}, which is not the state's ${auditCount}`;
      wrongs.push({ kind: "audit_broken", pos, says });
    }
    if (this.#knowsSeq && seq !== this.seq) {
      wrongs.push({
        kind: "traces_broken",
        pos,
        says: `the list of commands comes to ${this.seq}, the state to ${seq}`,
      });
    }
    this.chain = { ...NOTHING_VERIFIED, count: auditCount, head: auditHead };
    this.seq = seq;
    this.#knowsChain = true;
    this.#knowsSeq = true;
    return wrongs;
  }

  #passTo(pos: number): Wrong[] {
    const first = this.pos + 1;
    this.pos = pos;
    if (pos === first) return [];
    this.#lose();
    const says =
      pos === first + 1
        ? `position ${first} is missing, with its audit events and its content`
        : `positions ${first} to ${pos - 1} are missing, with their audit events and their content`;
    return [{ kind: "gap", pos: first, says }];
  }

  #lose(): void {
    this.#knowsChain = false;
    this.#knowsSeq = false;
  }

  #checkEpoch({ pos, epoch }: KeptRecord): Wrong[] {
    const former = this.epoch;
    this.epoch = Math.max(epoch, former);
    if (epoch >= former) return [];
    return [{ kind: "epoch_falls", pos, says: `epoch ${epoch} falls below ${former}` }];
  }

  #checkChain({ pos, audit }: KeptRecord): Wrong[] {
    const first = audit[0];
    if (first === undefined) return [];
    if (!this.#knowsChain) this.chain = { ...NOTHING_VERIFIED, count: first.n - 1, head: first.prev };
    this.#knowsChain = true;
    const { valid, firstBrokenAt, count, head } = verifyChain(audit, this.chain);
    this.chain = { ...NOTHING_VERIFIED, count, head };
    // An altered hash breaks its event and the next: once is enough to say that the chain does not hold.
    if (valid || this.#toldOfChain) return [];
    this.#toldOfChain = true;
    return [{ kind: "audit_broken", pos, says: `the audit chain does not fit at event ${firstBrokenAt}` }];
  }

  #checkTraces({ pos, kind, body, traces, ...rest }: KeptRecord): Wrong[] {
    const first = traces[0];
    const former = this.#knowsSeq || first === undefined ? this.seq : first.seq - 1;
    if (first !== undefined) this.#knowsSeq = true;
    this.seq = former + traces.length;
    const gapAt = traces.findIndex(({ seq }, i) => seq !== former + i + 1);
    if (gapAt !== -1) {
      const says = `the list of commands has ${traces[gapAt]!.seq} where ${former + gapAt + 1} follows`;
      this.seq = traces.at(-1)!.seq;
      return [{ kind: "traces_broken", pos, says }];
    }
    if (body === null) return [];
    const isSaid = body.content.kind === kind && areSame(tracesOf({ ...rest, ...body, sessionId: "", pos }), traces);
    return isSaid ? [] : [{ kind: "traces_broken", pos, says: "the list of commands is not that of the content" }];
  }
}

function areSame(said: readonly CommandTrace[], kept: readonly CommandTrace[]): boolean {
  const isSame = (one: CommandTrace, other: CommandTrace | undefined) =>
    one.seq === other?.seq && one.at === other.at && one.userId === other.userId && one.action === other.action;
  return said.length === kept.length && said.every((trace, i) => isSame(trace, kept[i]));
}

/** The record as it was appended. @param body what a trim forgets */
export function recordOf(
  sessionId: string,
  { pos, id, epoch, at, audit }: KeptRecord,
  body: NonNullable<KeptRecord["body"]>,
): LogRecord {
  return { sessionId, pos, id, epoch, at, audit, ...body };
}
