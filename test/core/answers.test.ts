import assert from "node:assert/strict";
import { AnswerMemory, NEWEST_OF_PERSON, NEWEST_OF_SESSION } from "../../src/core/answers.ts";

describe("the memory of answers", () => {
  it("[I1] gives the first answer again, per person", () => {
    const memory = new AnswerMemory();
    memory.remember("kim", "a", 1, "42");
    memory.remember("lee", "a", 2);
    assert.deepEqual(memory.get("kim", "a"), { seq: 1, result: "42" });
    assert.deepEqual(memory.get("lee", "a"), { seq: 2 });
    assert.equal(memory.get("kim", "b"), undefined);
    assert.equal(memory.get("__proto__", "constructor"), undefined);
  });

  it("[I2] keeps the session's newest 8,192, of one person alone too", () => {
    const memory = new AnswerMemory();
    for (let seq = 1; seq <= NEWEST_OF_SESSION; seq++) memory.remember("kim", `c${seq}`, seq);
    assert.deepEqual(memory.get("kim", "c1"), { seq: 1 });
    memory.remember("kim", "one more", NEWEST_OF_SESSION + 1);
    assert.equal(memory.get("kim", "c1"), undefined);
    assert.deepEqual(memory.get("kim", "c2"), { seq: 2 });
    assert.equal(memory.size, NEWEST_OF_SESSION);
  });

  it("[I2] keeps the newest 512 of somebody with a place, however many commands others sent since", () => {
    const memory = new AnswerMemory();
    memory.placeTaken("kim");
    let seq = 0;
    for (let n = 0; n <= NEWEST_OF_PERSON; n++) memory.remember("kim", `k${n}`, ++seq);
    for (let n = 0; n < 2 * NEWEST_OF_SESSION; n++) memory.remember("lee", `l${n}`, ++seq);
    assert.equal(memory.get("kim", "k0"), undefined);
    assert.deepEqual(memory.get("kim", "k1"), { seq: 2 });
    assert.deepEqual(memory.get("kim", `k${NEWEST_OF_PERSON}`), { seq: NEWEST_OF_PERSON + 1 });
    assert.equal(memory.size, NEWEST_OF_PERSON + NEWEST_OF_SESSION);
  });

  it("[I2] keeps of somebody without a place what is among the session's newest, and nothing else of them", () => {
    const memory = new AnswerMemory();
    let seq = 0;
    const commit = (userId: string, count: number) => {
      for (let n = 0; n < count; n++) memory.remember(userId, `${userId}${++seq}`, seq);
    };
    memory.placeTaken("kim");
    commit("kim", 10);
    commit("lee", NEWEST_OF_SESSION - 5);
    assert.deepEqual(memory.get("kim", "kim1"), { seq: 1 });
    memory.placeEnded("kim");
    assert.equal(memory.get("kim", "kim5"), undefined);
    assert.deepEqual(memory.get("kim", "kim6"), { seq: 6 });
    memory.placeTaken("kim");
    assert.equal(memory.get("kim", "kim5"), undefined, "what was forgotten does not come back");
    commit("lee", 100);
    assert.deepEqual(memory.get("kim", "kim6"), { seq: 6 });
    memory.placeEnded("kim");
    assert.equal(memory.get("kim", "kim6"), undefined);
    assert.equal(memory.size, NEWEST_OF_SESSION);
    for (let guest = 0; guest < 50; guest++) {
      memory.placeTaken(`guest${guest}`);
      commit(`guest${guest}`, 300);
      memory.placeEnded(`guest${guest}`);
    }
    assert.equal(memory.size, NEWEST_OF_SESSION);
    assert.equal(memory.toJSON().length, NEWEST_OF_SESSION);
  });

  it("[I2] an id that was forgotten can be committed anew, and is known from then", () => {
    const memory = new AnswerMemory();
    memory.remember("kim", "again", 1);
    for (let seq = 2; seq <= NEWEST_OF_SESSION + 1; seq++) memory.remember("kim", `c${seq}`, seq);
    assert.equal(memory.get("kim", "again"), undefined);
    memory.remember("kim", "again", 9000);
    assert.deepEqual(memory.get("kim", "again"), { seq: 9000 });
  });

  it("[I3] a copy goes its own way", () => {
    const memory = new AnswerMemory();
    memory.remember("kim", "a", 1);
    const copy = memory.clone();
    copy.remember("kim", "b", 2);
    memory.remember("lee", "c", 2);
    assert.equal(memory.get("kim", "b"), undefined);
    assert.equal(copy.get("lee", "c"), undefined);
    assert.deepEqual(copy.get("kim", "a"), { seq: 1 });
  });
});
