import assert from "node:assert/strict";
import type { Connection } from "../../src/room/connections.ts";
import { watchExpiry } from "../../src/room/token-expiry.ts";
import { HandClock } from "../support/hand-clock.ts";

/** A connection with a token, watched; what it was told, and when. */
class Watched {
  readonly clock = new HandClock();
  readonly told: (readonly [seconds: number, what: unknown])[] = [];
  readonly start = this.clock.now();
  readonly connection = {
    expiresAt: 0,
    cancelExpiry: undefined,
    client: { send: (type: string, message: unknown) => this.told.push([this.#seconds, { [type]: message }]) },
  } as unknown as Connection;

  /** The token, or the one that renews it, ends so many seconds from now. */
  token(seconds: number): this {
    this.connection.expiresAt = this.clock.now() + seconds * 1_000;
    watchExpiry(this.connection, this.clock, () => this.told.push([this.#seconds, "closed"]));
    return this;
  }

  /** The warning of the present token. */
  get warning() {
    return { token_expiring: { expiresAt: new Date(this.connection.expiresAt).toISOString() } };
  }

  async pass(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1_000);
  }

  get #seconds(): number {
    return (this.clock.now() - this.start) / 1_000;
  }
}

describe("a token's end", () => {
  it("[C6] is told 60 s before, and then closes", async () => {
    const watched = new Watched().token(3_600);
    await watched.pass(3_539);
    assert.deepEqual(watched.told, []);
    await watched.pass(1);
    assert.deepEqual(watched.told, [[3_540, watched.warning]]);
    await watched.pass(59);
    assert.equal(watched.told.length, 1);
    await watched.pass(100);
    assert.deepEqual(watched.told.slice(1), [[3_600, "closed"]]);
    assert.equal(watched.clock.pending, 0);
  });

  it("[C6] is told at once where less than 60 s are left", async () => {
    const watched = new Watched().token(20);
    assert.deepEqual(watched.told, [[0, watched.warning]]);
    await watched.pass(20);
    assert.deepEqual(watched.told.slice(1), [[20, "closed"]]);
  });

  it("[C6] closes at once what has ended", () => {
    assert.deepEqual(
      new Watched()
        .token(-1)
        .told.map(([, what]) => what)
        .at(-1),
      "closed",
    );
  });

  it("[C6] is forgotten when the token is renewed, before the warning and after it", async () => {
    const watched = new Watched().token(100);
    await watched.pass(10);
    watched.token(100);
    await watched.pass(45);
    assert.equal(watched.told.length, 1, "of the new one alone");
    assert.deepEqual(watched.told[0], [50, watched.warning]);
    watched.token(1_000);
    await watched.pass(900);
    assert.equal(watched.told.length, 1);
    assert.equal(watched.clock.pending, 1);
  });

  it("[C6] may be further away than a timer can wait", async () => {
    const watched = new Watched().token(100 * 86_400);
    await watched.pass(100 * 86_400 - 61);
    assert.equal(watched.told.length, 0);
    await watched.pass(61);
    assert.deepEqual(
      watched.told.map(([, what]) => what),
      [watched.warning, "closed"],
    );
  });

  it("[C6] is nothing to a connection that is gone", async () => {
    const watched = new Watched().token(100);
    watched.connection.cancelExpiry?.();
    await watched.pass(1_000);
    assert.deepEqual(watched.told, []);
  });

  it("[X30] comes at its date: within 5 s of a clock that jumps over it, and not before where it jumps back", async () => {
    const jumped = new Watched().token(3_600);
    jumped.clock.jump(3_700_000);
    await jumped.pass(5);
    assert.deepEqual(
      jumped.told.map(([, what]) => what),
      [jumped.warning, "closed"],
    );
    const back = new Watched().token(3_600);
    back.clock.jump(-7_200_000);
    await back.pass(7_200);
    assert.equal(back.told.length, 0);
    await back.pass(3_600);
    assert.deepEqual(
      back.told.map(([, what]) => what),
      [back.warning, "closed"],
    );
  });
});
