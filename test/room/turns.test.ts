import assert from "node:assert/strict";
import { Turns } from "../../src/room/turns.ts";

/** An event loop by hand: each job takes what it says, and a turn is when the test says. */
class Loop {
  nowMs = 0;
  readonly done: string[] = [];
  #next: (() => void)[] = [];
  readonly turns = new Turns(
    (callback) => this.#next.push(callback),
    () => this.nowMs,
  );

  want(group: object, name: string, takesMs: number): boolean {
    return this.turns.take(group, () => {
      this.nowMs += takesMs;
      this.done.push(name);
    });
  }

  /** @returns what was done in it */
  turn(): string[] {
    const from = this.done.length;
    for (const callback of this.#next.splice(0)) callback();
    return this.done.slice(from);
  }

  get isIdle(): boolean {
    return this.#next.length === 0;
  }
}

describe("turns", () => {
  it("[C50] what is little is done at once, and nothing runs when nothing is wanted", () => {
    const loop = new Loop();
    const a = {};
    for (let i = 0; i < 7; i++) assert.ok(loop.want(a, `a${i}`, 1));
    assert.equal(loop.done.length, 7);
    loop.turn();
    loop.turn();
    assert.ok(loop.isIdle);
  });

  it("[C50] what is much waits, in its order, and others are served meanwhile", () => {
    const loop = new Loop();
    const [busy, quiet] = [{}, {}];
    const wanted = Array.from({ length: 20 }, (_, i) => `busy${i}`);
    const atOnce = wanted.filter((name) => loop.want(busy, name, 3));
    assert.deepEqual(atOnce, ["busy0", "busy1", "busy2"]);
    let turns = 0;
    for (; loop.done.filter((name) => name.startsWith("busy")).length < 20; turns++) {
      assert.ok(loop.want(quiet, `quiet${turns}`, 1), "never behind the busy one");
      assert.ok(loop.turn().length <= 3);
      assert.ok(turns < 20);
    }
    assert.deepEqual(
      loop.done.filter((name) => name.startsWith("busy")),
      wanted,
    );
  });

  it("[C50] many that want much share a turn of the loop, one after the other", () => {
    const loop = new Loop();
    const groups = Array.from({ length: 5 }, (_, i) => ({ name: `g${i}` }));
    for (const group of groups) for (let i = 0; i < 12; i++) loop.want(group, group.name, 4);
    const before = loop.done.length;
    assert.equal(before, 10, "two each at once");
    const turns = [loop.turn(), loop.turn(), loop.turn(), loop.turn(), loop.turn()];
    for (const done of turns) assert.equal(done.length, 4, "16 ms in a turn");
    const each = groups.map(({ name }) => turns.flat().filter((one) => one === name).length);
    assert.deepEqual(each, [4, 4, 4, 4, 4]);
  });

  it("[C50] a single long job is followed by others before the next of its group", () => {
    const loop = new Loop();
    const [busy, quiet] = [{}, {}];
    loop.want(busy, "long 1", 100);
    assert.equal(loop.want(busy, "long 2", 100), false);
    assert.equal(loop.want(quiet, "quiet", 1), true);
    assert.deepEqual(loop.done, ["long 1", "quiet"]);
    assert.deepEqual(loop.turn(), ["long 2"]);
    assert.equal(loop.want(busy, "long 3", 100), false);
    assert.deepEqual(loop.turn(), ["long 3"]);
  });

  it("[C50] a job that throws is done, and the rest goes on", () => {
    const loop = new Loop();
    const group = {};
    assert.throws(() =>
      loop.turns.take(group, () => {
        loop.nowMs += 50;
        throw new Error("mine");
      }),
    );
    loop.turns.take(group, () => {
      throw new Error("mine, later");
    });
    assert.equal(loop.want(group, "next", 1), false);
    assert.throws(() => loop.turn(), /later/);
    assert.deepEqual(loop.turn(), ["next"]);
  });
});
