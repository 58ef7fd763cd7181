import { Gauge, type Registry } from "prom-client";
import type { Presence } from "../core/presence.ts";
import type { Status } from "../core/session.ts";
import { readGauges } from "./read-gauge.ts";

/** What is looked at of a running session. */
export interface ObservedSession {
  readonly committed: {
    readonly status: Status;
    readonly places: ReadonlyMap<string, unknown>;
    readonly entries: { readonly size: number; readonly bytes: number };
  };
  readonly presence: {
    of(userId: string): { readonly presence: Presence; readonly connections: number } | undefined;
  };
  /** records that wait or are under way */
  readonly depth: number;
  streamsOf(userId: string): number;
}

const STATUSES: readonly Status[] = ["created", "live", "paused", "ended"];
const PRESENCES: readonly Presence[] = ["online", "idle", "disconnected"];

/**
 * Gauges of the sessions that run here, counted when they are asked for: nothing is done for a session meanwhile. One walk
 * over all of them serves one scrape.
 */
export function sessionGauges(registry: Registry, prefix: string, sessions: () => Iterable<ObservedSession>): void {
  let figures = count([]);
  const gauge = readGauges(registry, prefix);
  const labelled = (name: string, help: string, label: string, read: () => ReadonlyMap<string, number>) =>
    new Gauge({
      name: `${prefix}${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        for (const [value, n] of read()) this.set({ [label]: value }, n);
      },
    });
  // Metrics are collected in the order of their registration, each up to its first `await`: this one counts for all.
  labelled("sessions", "Sessions that run in this process, by status", "status", () => {
    figures = count(sessions());
    return figures.statuses;
  });
  labelled("participants", "People with a place, by presence", "presence", () => figures.presences);
  gauge("connections", "Open connections of people with a place", () => figures.connections);
  gauge("streams", "Open event streams of people with a place", () => figures.streams);
  gauge("journal_queue_records", "Records that wait for the store or are under way", () => figures.depth);
  gauge("entries", "Entries of the sessions that run here", () => figures.entries);
  gauge("entries_bytes", "Their paths and values, UTF-8", () => figures.bytes);
}

function count(sessions: Iterable<ObservedSession>) {
  const statuses = new Map<string, number>(STATUSES.map((status) => [status, 0]));
  const presences = new Map<string, number>(PRESENCES.map((presence) => [presence, 0]));
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  let connections = 0;
  let streams = 0;
  let depth = 0;
  let entries = 0;
  let bytes = 0;
  for (const session of sessions) {
    const { committed, presence } = session;
    add(statuses, committed.status);
    depth += session.depth;
    entries += committed.entries.size;
    bytes += committed.entries.bytes;
    for (const userId of committed.places.keys()) {
      const person = presence.of(userId);
      streams += session.streamsOf(userId);
      if (person === undefined) continue;
      add(presences, person.presence);
      connections += person.connections;
    }
  }
  return { statuses, presences, connections, streams, depth, entries, bytes };
}
