import assert from "node:assert/strict";
import fc from "fast-check";
import { Line, type LineVerdict } from "../../src/room/line.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const LOOK_EVERY_MS = 2_100;

/** A socket whose bytes are moved by hand, looked at as the transport does. */
class Socket {
  bytesRead = 0;
  bytesWritten = 0;
  unsentBytes = 0;
  now = 1_000_000;
  readonly line: Line;

  constructor() {
    this.line = new Line(this.now, this);
  }

  /** The server sends so much; it waits until it is taken. */
  send(bytes: number): this {
    this.bytesWritten += bytes;
    this.unsentBytes += bytes;
    return this;
  }

  /** The network takes so much of what waits. */
  take(bytes: number): this {
    this.unsentBytes = Math.max(0, this.unsentBytes - bytes);
    return this;
  }

  sign(): this {
    this.bytesRead += 6;
    return this;
  }

  /** A heartbeat is answered that was sent just now. */
  pong(): this {
    this.line.arrived(this.bytesWritten);
    return this.sign();
  }

  /** The first full state, as the room sends it. */
  firstState(bytes: number): this {
    this.send(bytes);
    this.line.firstStateSent(this);
    return this;
  }

  look(afterMs = LOOK_EVERY_MS): LineVerdict {
    this.now += afterMs;
    return this.line.look(this.now, this);
  }

  /** Looks until the verdict is no longer `alive`. @returns it, and after how many ms */
  until(giveUpMs: number, each: () => void = () => undefined): readonly [LineVerdict, number] {
    const start = this.now;
    for (;;) {
      each();
      const verdict = this.look();
      if (verdict !== "alive" || this.now - start > giveUpMs) return [verdict, this.now - start];
    }
  }
}

describe("a line: signs of life", () => {
  it("[C8] is silent 6 to 10 s after its last sign, wherever the looks fall", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LOOK_EVERY_MS }), fc.integer({ min: 0, max: 300 }), (late, jitter) => {
        const socket = new Socket();
        for (let i = 0; i < 5; i++) assert.equal(socket.sign().look(), "alive");
        socket.sign();
        const gap = LOOK_EVERY_MS + jitter;
        const signAt = socket.now + gap - late;
        let verdict: LineVerdict;
        do verdict = socket.look(gap);
        while (verdict === "alive");
        const silentFor = socket.now - signAt;
        assert.equal(verdict, "silent");
        assert.ok(silentFor >= 6_000 && silentFor <= 10_000, `${silentFor} ms`);
      }),
      { numRuns: 200 },
    );
  });

  it("[C8] any byte that came in is a sign", () => {
    const socket = new Socket();
    for (let i = 0; i < 100; i++) assert.equal(socket.sign().look(5_900), "alive");
  });

  it("[C8] waits a second longer for each 64 KiB sent since the last answered heartbeat", () => {
    const socket = new Socket();
    socket.send(MIB).take(MIB).pong().look();
    socket.send(640 * KIB).take(640 * KIB);
    assert.equal(socket.look(6_001), "alive");
    assert.equal(socket.look(9_900), "alive");
    assert.equal(socket.look(200), "silent");
  });

  it("[C8] bytes that the kernel has taken are not there yet, nor does any other sign say so", () => {
    const socket = new Socket();
    // the join is acknowledged, then the state is sent, and only then is the line looked at
    socket
      .sign()
      .firstState(640 * KIB)
      .take(640 * KIB);
    socket.look();
    assert.equal(socket.look(6_100), "alive");
    assert.equal(socket.look(8_800), "alive");
    assert.equal(socket.look(1_300), "silent");
  });

  it("[C8] may be closed for a newer one after 6 s without a sign, but not for what was not looked at yet", () => {
    const socket = new Socket();
    socket.sign().look();
    socket.now += 5_999;
    assert.equal(socket.line.isSilent(socket.now, socket), false);
    socket.now += 1;
    assert.equal(socket.line.isSilent(socket.now, socket), true);
    // the process itself stood still, and the bytes are there
    socket.sign();
    assert.equal(socket.line.isSilent(socket.now, socket), false);
  });
});

describe("a line that is not read at our own wish", () => {
  it("[C48] is not silent for it, however long that goes on", () => {
    const socket = new Socket();
    socket.sign().look();
    for (let i = 0; i < 100; i++) {
      socket.line.notRead(socket.now);
      assert.equal(socket.look(), "alive");
    }
    assert.equal(socket.look(6_000), "silent");
  });
});

describe("a line: what piles up", () => {
  it("[C9] is too slow with more than 1 MiB unsent for 10 s, and not before", () => {
    const socket = new Socket();
    socket.firstState(10).take(10).sign().look();
    socket.send(MIB + 1);
    const [verdict, afterMs] = socket.until(60_000, () => socket.sign());
    assert.equal(verdict, "too_slow");
    assert.ok(afterMs >= 10_000 && afterMs <= 10_000 + 2 * LOOK_EVERY_MS + 100, `${afterMs} ms`);
  });

  it("[C9] is too slow at once with more than 16 MiB unsent beyond its first full state", () => {
    const socket = new Socket();
    socket.firstState(4 * MIB);
    socket.send(16 * MIB);
    assert.equal(socket.line.isTooSlow(socket.now, socket), false);
    socket.send(1);
    assert.equal(socket.line.isTooSlow(socket.now, socket), true);
    assert.equal(socket.sign().look(), "too_slow");
    // as soon as less waits it is judged by the 10 s again
    assert.equal(socket.take(4 * MIB + 1).line.isTooSlow(socket.now, socket), false);
  });

  it("[C9] 1 MiB may wait for ever, and each dip below begins anew", () => {
    const socket = new Socket();
    socket.firstState(10).take(10);
    socket.send(MIB);
    assert.deepEqual(socket.until(60_000, () => socket.sign())[0], "alive");
    for (let i = 0; i < 20; i++) {
      socket.send(10);
      for (let j = 0; j < 4; j++) assert.equal(socket.sign().look(), "alive");
      socket.take(10);
      assert.equal(socket.sign().look(), "alive");
    }
  });

  it("[C9] the first full state counts for nothing, however long it takes", () => {
    const socket = new Socket();
    socket.firstState(4 * MIB);
    assert.equal(socket.until(70_000, () => socket.sign().take(100 * KIB))[0], "alive");
  });

  it("[C9] what comes after the first full state counts while that one is still under way", () => {
    const socket = new Socket();
    socket.firstState(4 * MIB);
    assert.equal(socket.sign().look(), "alive");
    socket.send(MIB + 1);
    assert.equal(socket.until(60_000, () => socket.sign())[0], "too_slow");
  });

  it("[C9] a reader that takes nothing and sends signs of life cannot make memory grow", () => {
    const socket = new Socket();
    socket.firstState(4 * MIB);
    const [verdict, afterMs] = socket.until(120_000, () => socket.sign().send(200 * KIB));
    assert.equal(verdict, "too_slow");
    assert.ok(afterMs < 30_000, `${afterMs} ms`);
  });

  it("[C9] nothing is exempt before the first full state is sent", () => {
    const socket = new Socket();
    socket.send(2 * MIB);
    assert.equal(socket.until(60_000, () => socket.sign())[0], "too_slow");
  });
});
