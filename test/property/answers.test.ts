import assert from "node:assert/strict";
import fc from "fast-check";
import { AnswerMemory, NEWEST_OF_PERSON, NEWEST_OF_SESSION } from "../../src/core/answers.ts";

interface Committed {
  readonly userId: string;
  readonly id: string;
  readonly seq: number;
}

/** What is known, by the words of the contract: looked up in the list of all that was ever committed. */
class NaiveMemory {
  readonly all: Committed[] = [];
  readonly placed = new Set<string>();
  known = new Set<Committed>();

  commit(userId: string, count: number): Committed[] {
    const fresh = Array.from({ length: count }, (_, i) => {
      const seq = this.all.length + i + 1;
      return { userId, id: `c${seq}`, seq };
    });
    this.all.push(...fresh);
    this.known = new Set([...this.known, ...fresh]);
    this.forget();
    return fresh;
  }

  /** What is in neither window goes; it does not come back when its person does. */
  forget(): void {
    const within = new Set(this.all.slice(-NEWEST_OF_SESSION));
    for (const person of this.placed) {
      for (const one of this.all.filter(({ userId }) => userId === person).slice(-NEWEST_OF_PERSON)) within.add(one);
    }
    this.known = new Set([...this.known].filter((one) => within.has(one)));
  }
}

const person = fc.constantFrom("ann", "bob", "cy", "dee");
/** Bursts of commands by one of a few people, who come and go, so that windows overtake each other in every way. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ person, count: fc.integer({ min: 1, max: 2500 }) }) },
    { weight: 1, arbitrary: fc.record({ person, comes: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ person, comes: fc.constant(false) }) },
  ),
  { minLength: 6, maxLength: 24 },
);

describe("the memory of answers, at random", () => {
  it("[I2] [I3] knows what the naive model knows, also after a copy and a restore on the way", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (all, cut) => {
        const model = new NaiveMemory();
        let memory = new AnswerMemory();
        for (const [i, step] of all.entries()) {
          if (i === cut % all.length) {
            memory = AnswerMemory.fromJSON(JSON.parse(JSON.stringify(memory)), model.placed);
          } else memory = memory.clone();
          if ("count" in step) {
            for (const { userId, id, seq } of model.commit(step.person, step.count)) memory.remember(userId, id, seq);
          } else if (step.comes) {
            model.placed.add(step.person);
            memory.placeTaken(step.person);
          } else {
            model.placed.delete(step.person);
            model.forget();
            memory.placeEnded(step.person);
          }
        }
        assert.equal(memory.size, model.known.size);
        for (const one of model.all) {
          assert.deepEqual(memory.get(one.userId, one.id), model.known.has(one) ? { seq: one.seq } : undefined);
        }
        assert.deepEqual(AnswerMemory.fromJSON(memory.toJSON(), model.placed).toJSON(), memory.toJSON());
      }),
      { numRuns: 25 },
    );
  });
});
