import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerMemory, NEWEST_OF_PERSON, NEWEST_OF_SESSION } from "../../src/core/answers.ts";

interface Committed {
  readonly userId: string;
  readonly id: string;
  readonly seq: number;
}

/** What is known, by the words of the contract: looked up in the list of all that was ever committed. */
function knownIds(all: readonly Committed[]): Map<string, number> {
  const newest = new Set(all.slice(-NEWEST_OF_SESSION));
  const people = new Set(all.map(({ userId }) => userId));
  for (const person of people) {
    for (const one of all.filter(({ userId }) => userId === person).slice(-NEWEST_OF_PERSON)) newest.add(one);
  }
  const known = new Map<string, number>();
  for (const one of all) if (newest.has(one)) known.set(`${one.userId} ${one.id}`, one.seq);
  return known;
}

/** Bursts of commands by one of a few people, so that windows overtake each other in every way. */
const bursts = fc.array(
  fc.record({ person: fc.constantFrom("ann", "bob", "cy", "dee"), count: fc.integer({ min: 1, max: 2500 }) }),
  { minLength: 4, maxLength: 16 },
);

describe("the memory of answers, at random", () => {
  it("[I2] [I3] knows what the naive model knows, also after a copy and a restore on the way", () => {
    fc.assert(
      fc.property(bursts, fc.nat(), (runs, cut) => {
        const all: Committed[] = [];
        let memory = new AnswerMemory();
        const restoreBefore = cut % runs.length;
        runs.forEach(({ person, count }, index) => {
          if (index === restoreBefore) memory = AnswerMemory.fromJSON(JSON.parse(JSON.stringify(memory)));
          else memory = memory.clone();
          for (let n = 0; n < count; n++) {
            const seq = all.length + 1;
            all.push({ userId: person, id: `c${seq}`, seq });
            memory.remember(person, `c${seq}`, seq);
          }
        });
        const known = knownIds(all);
        assert.equal(memory.size, known.size);
        for (const { userId, id } of all) {
          const seq = known.get(`${userId} ${id}`);
          assert.deepEqual(memory.get(userId, id), seq === undefined ? undefined : { seq });
        }
        assert.deepEqual(AnswerMemory.fromJSON(memory.toJSON()).toJSON(), memory.toJSON());
      }),
      { numRuns: 15 },
    );
  });
});
