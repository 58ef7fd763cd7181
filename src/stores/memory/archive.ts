import type { LogRecord } from "../../core/record.ts";
import type { Archive, DamagedRecord, KeptAccess, KeptRecord, KeptSnapshot, Leftover } from "../../ports/archive.ts";
import { PositionTaken, StoreUnavailable } from "../../ports/failures.ts";
import type { AccessRows, SessionRow } from "../../ports/sessions.ts";
import { checkPositions } from "../append-call.ts";
import { PageSize } from "../log-page.ts";
import { dropAccess, putAccess } from "./access.ts";
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
    const { logs, rows, snapshots, people, invites, leases } = this.#backing;
    const held = [...snapshots].filter(([, kept]) => kept.size > 0).map(([sessionId]) => sessionId);
    const led = Array.from(invites.values(), ({ sessionId }) => sessionId);
    const kept = [...logs.keys(), ...rows.keys(), ...held, ...people.keys(), ...led, ...leases.keys()];
    return pageOf(kept, after, limit);
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

  async access(sessionId: string): Promise<KeptAccess> {
    const { learned, people, invites } = this.#backing;
    const found = [...invites].filter(([, stored]) => stored.sessionId === sessionId);
    return structuredClone({
      isLearned: learned.has(sessionId),
      people: Array.from(people.get(sessionId) ?? [], ([userId, { pos, facts }]) => ({ userId, pos, ...facts })),
      lookups: found.map(([tokenHash, { pos, invite }]) => ({ tokenHash, pos, invite })),
    });
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

  async project(sessionId: string, row: SessionRow | null, access: AccessRows, pos: number): Promise<void> {
    const { rows, learned } = this.#backing;
    dropAccess(this.#backing, sessionId);
    putAccess(this.#backing, sessionId, access, pos);
    if (row === null) rows.delete(sessionId);
    else {
      rows.set(sessionId, structuredClone(row));
      learned.add(sessionId);
    }
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
