import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { MAX_UNSENT_BYTES, StreamLine } from "../../src/http/stream/line.ts";
import { TestClock } from "./evening.ts";

/** A reader who takes a write only when told to. */
class Peer extends Duplex {
  received = "";
  #taken: (() => void)[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received += chunk.toString("latin1");
    this.#taken.push(done);
  }

  async takeAll(): Promise<void> {
    while (this.#taken.length > 0) {
      for (const done of this.#taken.splice(0)) done();
      await new Promise(setImmediate);
    }
  }
}

function lineTo(peer: Peer, clock = new TestClock(), lifeMs = 3_600_000) {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.assignSocket(peer as unknown as Socket);
  let overs = 0;
  const line = new StreamLine(response, clock.now() + lifeMs, clock, () => {
    overs++;
  });
  return { line, clock, response, overs: () => overs };
}

const bytes = (n: number) => Buffer.alloc(n, "x");
const tick = () => new Promise(setImmediate);

describe("the line of a stream", () => {
  it("[H42] holds 1 MiB for a reader who takes nothing, and not more", async () => {
    const { line, response, overs } = lineTo(new Peer());
    line.start(bytes(10), () => {});
    for (let i = 0; i < 15; i++) line.write(bytes(MAX_UNSENT_BYTES / 16));
    await tick();
    assert.equal(overs(), 0);
    line.write(bytes(MAX_UNSENT_BYTES / 16));
    assert.deepEqual([overs(), response.destroyed], [1, true]);
    line.write(bytes(10));
    line.end("banned");
    await tick();
    assert.equal(overs(), 1, "told once");
  });

  it("[H42] a snapshot on its way does not count, one that has arrived leaves 1 MiB and no more", async () => {
    const peer = new Peer();
    const { line, overs } = lineTo(peer);
    line.start(bytes(3 * MAX_UNSENT_BYTES), () => {});
    line.write(bytes(MAX_UNSENT_BYTES / 2));
    await tick();
    assert.equal(overs(), 0);
    await peer.takeAll();
    line.write(bytes(MAX_UNSENT_BYTES / 2));
    line.write(bytes(MAX_UNSENT_BYTES / 4));
    assert.equal(overs(), 0);
    line.write(bytes(MAX_UNSENT_BYTES / 2));
    assert.equal(overs(), 1);
  });

  it("[H42] a snapshot that is not taken within 60 s of its beginning is not waited for, one that is taken is let go of", async () => {
    const { line, clock, overs } = lineTo(new Peer());
    clock.pass(7_000);
    let letGo = 0;
    line.start(bytes(3 * MAX_UNSENT_BYTES), () => letGo++);
    for (let passed = 1; passed < 60; passed += 1) clock.pass(1_000);
    await tick();
    assert.deepEqual([overs(), letGo], [0, 0]);
    clock.pass(1_000);
    await tick();
    assert.deepEqual([overs(), letGo], [1, 1]);

    const peer = new Peer();
    const reader = lineTo(peer);
    reader.line.start(bytes(3 * MAX_UNSENT_BYTES), () => letGo++);
    await tick();
    await peer.takeAll();
    assert.equal(letGo, 2);
    for (let passed = 0; passed < 90; passed += 1) reader.clock.pass(1_000);
    assert.equal(reader.overs(), 0);
  });

  it("[H40] an end is said, and who does not take it is cut off", async () => {
    const peer = new Peer();
    const { line, clock, response, overs } = lineTo(peer);
    line.start(bytes(10), () => {});
    await tick();
    await peer.takeAll();
    line.end("removed");
    assert.deepEqual([overs(), response.destroyed], [1, false]);
    clock.pass(10_000);
    assert.equal(response.destroyed, true);
    await tick();
    assert.match(peer.received, /event: end\ndata: \{"reason":"removed"\}\n\n/);
  });

  it("[X30] has its comments in time however the clock jumps, and ends with its token's date within 5 s", async () => {
    const peer = new Peer();
    const { line, clock, response, overs } = lineTo(peer);
    line.start(bytes(10), () => {});
    await tick();
    await peer.takeAll();
    let comments = 0;
    const write = response.write.bind(response);
    response.write = ((...args: Parameters<typeof write>) => {
      comments++;
      return write(...args);
    }) as typeof response.write;
    const pass = (seconds: number) => {
      for (let second = 0; second < seconds; second++) clock.pass(1_000);
    };
    clock.jump(-7_200_000);
    pass(31);
    assert.equal(comments, 2);
    clock.jump(7_200_000);
    pass(30);
    assert.equal(comments, 4);
    assert.equal(overs(), 0);
    clock.jump(3_600_000);
    pass(5);
    assert.equal(overs(), 1);
  });
});
