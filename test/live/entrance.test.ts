import assert from "node:assert/strict";
import { Entrance } from "../../src/live/entrance.ts";
import { HandClock } from "../support/hand-clock.ts";

/** An entrance whose encoding costs so much once per turn, and each newcomer so much more. Time passes as it is spent. */
class Gate {
  readonly clock = new HandClock();
  readonly letIn: string[] = [];
  turns = 0;
  #spent = 0;
  readonly entrance: Entrance<string>;

  constructor(turnMs: number, eachMs: number) {
    this.entrance = new Entrance(
      this.clock,
      () => {
        this.turns++;
        this.#spent += turnMs;
      },
      () => this.clock.now() + this.#spent,
    );
    this.#eachMs = eachMs;
  }

  readonly #eachMs: number;

  take(newcomer: string): void {
    this.entrance.take(newcomer, () => {
      this.letIn.push(newcomer);
      this.#spent += this.#eachMs;
    });
  }
}

describe("the entrance", () => {
  it("[R9] lets in at once who comes alone", async () => {
    const gate = new Gate(30, 1);
    gate.take("a");
    assert.deepEqual(gate.letIn, ["a"]);
    await gate.clock.advance(1_000);
    gate.take("b");
    assert.deepEqual(gate.letIn, ["a", "b"]);
    assert.equal(gate.clock.pending, 0);
  });

  it("[R9] lets in together who comes while it rests, within three times what the last turn cost", async () => {
    const gate = new Gate(30, 0);
    gate.take("a");
    for (let i = 0; i < 40; i++) gate.take(`b${i}`);
    assert.equal(gate.letIn.length, 1);
    await gate.clock.advance(89);
    assert.equal(gate.letIn.length, 1);
    await gate.clock.advance(1);
    assert.equal(gate.letIn.length, 41);
    assert.equal(gate.turns, 2);
  });

  it("[R9] takes turns of 25 ms where each newcomer costs something of their own", async () => {
    const gate = new Gate(10, 5);
    for (let i = 0; i < 11; i++) gate.take(`n${i}`);
    assert.equal(gate.letIn.length, 1);
    await gate.clock.advance(45);
    assert.equal(gate.letIn.length, 7, "one, and five more in 25 ms after it");
    await gate.clock.advance(1_000);
    assert.equal(gate.letIn.length, 11);
    assert.deepEqual(
      gate.letIn,
      Array.from({ length: 11 }, (_, i) => `n${i}`),
    );
  });

  it("[R9] counts nobody twice, and lets nobody in once it is closed", async () => {
    const gate = new Gate(30, 0);
    gate.take("a");
    gate.take("b");
    gate.take("b");
    await gate.clock.advance(90);
    assert.deepEqual(gate.letIn, ["a", "b"]);
    gate.take("c");
    gate.entrance.close();
    await gate.clock.advance(1_000);
    assert.deepEqual(gate.letIn, ["a", "b"]);
    assert.equal(gate.clock.pending, 0);
  });
});
