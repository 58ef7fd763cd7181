import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CHAIN_START, chain, verifyChain } from "../../src/core/audit.ts";
import type { AuditEvent, AuditNote } from "../../src/core/record.ts";

const AT = Date.UTC(2026, 4, 1, 19, 0, 0, 5);

function note(kind: AuditNote["kind"], userId: string, data: AuditNote["data"] = {}): AuditNote {
  return { kind, at: AT, actor: { userId, via: "member" }, data };
}

function chained(notes: readonly AuditNote[]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const one of notes) events.push(chain(events.length, events.at(-1)?.hash ?? CHAIN_START, one));
  return events;
}

describe("the audit chain", () => {
  it("[U1] hashes the canonical JSON of the event without its hash, as anybody can by hand", () => {
    const event = chain(0, CHAIN_START, note("session.paused", "kim", { reason: "Pizza é", b: 1, a: null }));
    const canonical =
      `{"actor":{"userId":"kim","via":"member"},"at":"2026-05-01T19:00:00.005Z",` +
      `"data":{"a":null,"b":1,"reason":"Pizza é"},"kind":"session.paused","n":1,"prev":"${"0".repeat(64)}"}`;
    assert.equal(event.hash, createHash("sha256").update(canonical, "utf8").digest("hex"));
    assert.deepEqual(Object.keys(event).sort(), ["actor", "at", "data", "hash", "kind", "n", "prev"]);
  });

  it("[U1] counts from 1 and names the hash before", () => {
    const [first, second] = chained([note("session.created", "kim"), note("session.started", "kim")]);
    assert.deepEqual([first!.n, first!.prev], [1, "0".repeat(64)]);
    assert.deepEqual([second!.n, second!.prev], [2, first!.hash]);
  });

  it("[U2] finds a whole chain valid, and an empty one", () => {
    const events = chained([note("session.created", "kim"), note("session.started", "kim")]);
    assert.deepEqual(verifyChain(events), { valid: true, count: 2, firstBrokenAt: null, head: events[1]!.hash });
    assert.deepEqual(verifyChain([]), { valid: true, count: 0, firstBrokenAt: null, head: CHAIN_START });
  });

  it("[U2] names the event after one that was altered and hashed anew", () => {
    const events = chained([
      note("session.created", "kim"),
      note("session.started", "kim"),
      note("session.ended", "kim"),
    ]);
    events[1] = chain(1, events[0]!.hash, note("session.started", "lee"));
    const { valid, count, firstBrokenAt } = verifyChain(events);
    assert.deepEqual({ valid, count, firstBrokenAt }, { valid: false, count: 3, firstBrokenAt: 3 });
  });

  it("[U2] does not trip over what canonical JSON cannot say", () => {
    const events = chained([note("session.created", "kim")]);
    events[0] = { ...events[0]!, data: { name: "\ud800" } };
    assert.equal(verifyChain(events).firstBrokenAt, 1);
  });
});
