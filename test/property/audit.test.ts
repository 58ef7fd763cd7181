import assert from "node:assert/strict";
import fc from "fast-check";
import { CHAIN_START, chain, NOTHING_VERIFIED, verifyChain } from "../../src/core/audit.ts";
import type { AuditEvent, AuditNote } from "../../src/core/record.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const notes = fc.array(
  fc.record({
    kind: fc.constantFrom<AuditNote["kind"]>("participant.joined", "participant.removed", "session.updated"),
    at: fc.integer({ min: 0, max: 4e12 }),
    actor: fc.record({ userId: fc.option(text), via: fc.constantFrom("member" as const, "system" as const) }),
    data: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function chained(all: readonly AuditNote[]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const one of all) events.push(chain(events.length, events.at(-1)?.hash ?? CHAIN_START, one));
  return events;
}

/** Ways to lay hands on event `i`; what each leaves cannot be the chain it was. */
const TAMPERINGS: Record<string, (events: AuditEvent[], i: number) => void> = {
  "alters the time": (events, i) => {
    events[i] = { ...events[i]!, at: "1999-01-01T00:00:00.000Z" };
  },
  "alters the actor": (events, i) => {
    events[i] = { ...events[i]!, actor: { userId: `${events[i]!.actor.userId}!`, via: "member" } };
  },
  "alters the data": (events, i) => {
    events[i] = { ...events[i]!, data: { ...events[i]!.data, more: "than there was" } };
  },
  "adds a field": (events, i) => {
    events[i] = { ...events[i]!, note: "?" } as AuditEvent;
  },
  "alters the number": (events, i) => {
    events[i] = { ...events[i]!, n: events[i]!.n + 1 };
  },
  "alters the hash": (events, i) => {
    events[i] = { ...events[i]!, hash: "f".repeat(64) };
  },
  "puts one in": (events, i) => {
    events.splice(i, 0, { ...events[i]!, n: i });
  },
  "leaves one out, but not the last": (events, i) => {
    if (i < events.length - 1) events.splice(i, 1);
    else events[i] = { ...events[i]!, prev: "0" };
  },
};

describe("the audit chain, at random", () => {
  for (const [name, tamper] of Object.entries(TAMPERINGS)) {
    it(`[U2] shows at its number who ${name}`, () => {
      fc.assert(
        fc.property(notes, fc.nat(), (all, pick) => {
          const events = chained(all);
          assert.equal(verifyChain(events).valid, true);
          const i = pick % events.length;
          tamper(events, i);
          const { valid, firstBrokenAt } = verifyChain(events);
          assert.deepEqual({ valid, firstBrokenAt }, { valid: false, firstBrokenAt: i + 1 });
        }),
        { numRuns: 40 },
      );
    });
  }

  it("[U3] gives the same verdict page by page, broken or not", () => {
    fc.assert(
      fc.property(notes, fc.nat(), fc.boolean(), fc.integer({ min: 1, max: 5 }), (all, pick, isBroken, page) => {
        const events = chained(all);
        if (isBroken) TAMPERINGS["alters the data"]!(events, pick % events.length);
        let verdict = NOTHING_VERIFIED;
        for (let from = 0; from < events.length; from += page) {
          verdict = verifyChain(events.slice(from, from + page), verdict);
        }
        assert.deepEqual(verdict, verifyChain(events));
        assert.equal(verdict.count, events.length);
        assert.equal(verdict.valid, !isBroken);
      }),
      { numRuns: 60 },
    );
  });
});
