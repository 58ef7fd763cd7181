import type { LogRecord } from "../../core/record.ts";
import type { Archive, DamagedRecord, KeptRecord, KeptSnapshot, Leftover } from "../../ports/archive.ts";
import { PositionTaken, StoreUnavailable } from "../../ports/failures.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import { checkPositions } from "../append-call.ts";
import { PageSize } from "../log-page.ts";
import type { MemoryBacking, StoredPosition } from "./backing.ts";

/** The memory stores as a whole. Nothing is ever left over in them. */
export class MemoryArchive implements Archive {
  readonly #backing: MemoryBacking;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  async campaignIds(after: string, limit: number): Promise<string[]> {
    return pageOf(this.#backing.campaigns.keys(), after, limit);
  }

  async sessionIds(after: string, limit: number): Promise<string[]> {
    const { logs, rows, snapshots, invites, leases } = this.#backing;
    const held = [...snapshots].filter(([, kept]) => kept.size > 0).map(([sessionId]) => sessionId);
    return pageOf([...logs.keys(), ...rows.keys(), ...held, ...invites.values(), ...leases.keys()], after, limit);
  }

  async lastPos(sessionId: string): Promise<number> {
    return this.#log(sessionId).length;
  }

  async records(sessionId: string, afterPos: number, limit: number): Promise<(KeptRecord | DamagedRecord)[]> {
    const log = this.#log(sessionId);
    const found: (KeptRecord | DamagedRecord)[] = [];
    const page = new PageSize();
    for (let pos = Math.max(afterPos, 0) + 1; pos <= log.length && found.length < limit && !page.isFull; pos++) {
      const stored = log[pos - 1];
      if (stored === undefined) continue;
      found.push(keptOf(pos, stored));
      page.add(stored.json);
    }
    return found;
  }

  async trimmedThrough(sessionId: string): Promise<number> {
    return this.#log(sessionId).findLastIndex((stored) => stored?.json === null) + 1;
  }

  async snapshots(sessionId: string): Promise<KeptSnapshot[]> {
    const kept = [...(this.#backing.snapshots.get(sessionId)?.values() ?? [])];
    return kept.sort((a, b) => b.pos - a.pos).map(({ pos, sha256 }) => ({ pos, sha256, isWhole: true }));
  }

  async inviteHashes(sessionId: string): Promise<string[]> {
    return [...this.#backing.invites].filter(([, to]) => to === sessionId).map(([hash]) => hash);
  }

  async leftovers(): Promise<Leftover[]> {
    return [];
  }

  async faults(): Promise<string[]> {
    return [];
  }

  async putRecords(sessionId: string, records: readonly KeptRecord[]): Promise<void> {
    checkPositions(sessionId, records);
    const log = this.#backing.logs.get(sessionId) ?? [];
    if (records.length === 0) return;
    if (records[0]!.pos > log.length + 1)
      throw new StoreUnavailable(`${sessionId} has nothing before ${records[0]!.pos}`);
    for (const { pos, id } of records) {
      if (pos <= log.length && log[pos - 1]?.id !== id) throw new PositionTaken(`${sessionId} at ${pos}`);
    }
    this.#backing.logs.set(sessionId, log);
    log.push(...records.slice(log.length + 1 - records[0]!.pos).map((record) => storedOf(sessionId, record)));
  }

  async project(sessionId: string, row: SessionRow | null, inviteHashes: readonly string[]): Promise<void> {
    const { rows, invites } = this.#backing;
    if (row === null) rows.delete(sessionId);
    else rows.set(sessionId, structuredClone(row));
    for (const [hash, to] of invites) if (to === sessionId) invites.delete(hash);
    for (const hash of inviteHashes) invites.set(hash, sessionId);
  }

  async dropSnapshot(sessionId: string, pos: number): Promise<void> {
    this.#backing.snapshots.get(sessionId)?.delete(pos);
  }

  async dropLeftovers(): Promise<void> {}

  #log(sessionId: string): readonly (StoredPosition | undefined)[] {
    return this.#backing.logs.get(sessionId) ?? [];
  }
}

function pageOf(ids: Iterable<string>, after: string, limit: number): string[] {
  return [...new Set(ids)]
    .filter((id) => id > after)
    .sort()
    .slice(0, limit);
}

function keptOf(pos: number, { id, epoch, at, kind, json, events, traces }: StoredPosition) {
  const head = { pos, id, epoch, at, kind, audit: structuredClone(events), traces: structuredClone(traces) };
  if (json === null) return { ...head, body: null };
  try {
    const { v, content, sockets }: LogRecord = JSON.parse(json);
    return { ...head, body: { v, content, ...(sockets === undefined ? {} : { sockets }) } };
  } catch {
    return { pos, damage: "it is no JSON" };
  }
}

function storedOf(sessionId: string, record: KeptRecord): StoredPosition {
  const { pos, id, epoch, at, kind, audit, traces, body } = record;
  const json = body === null ? null : JSON.stringify({ sessionId, pos, id, epoch, at, audit, ...body });
  return { id, epoch, at, kind, json, events: structuredClone(audit), traces: structuredClone(traces) };
}
