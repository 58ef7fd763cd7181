import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { EntryTree } from "../../src/core/entries.ts";
import { Change } from "../../src/http/stream/change.ts";
import { eventually } from "../support/eventually.ts";
import { Evening } from "./evening.ts";
import { Reading } from "./reading.ts";

/** 15 KiB each, 16 to a batch: a quarter of a megabyte of changes per command. */
const BULK = Array.from({ length: 16 }, (_, i) => ({
  action: "set",
  payload: { path: `shared/bulk/${i}`, value: String(i).padEnd(15 * 1024, "x") },
}));

describe("streams under load", () => {
  let evening: Evening;
  let sessionId: string;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    evening = await Evening.begin();
    sessionId = await evening.session(await evening.campaign({ ann: "player", sam: "player" }));
    await evening.join(sessionId, "gm");
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    evening.end();
  });

  /** A reader who takes nothing from the socket. */
  async function stalled(userId: string): Promise<Socket> {
    const { hostname, port } = new URL(evening.url);
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.push(socket);
    socket.pause();
    const token = await evening.tokenFor(userId);
    socket.write(
      `GET /api/sessions/${sessionId}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await eventually("the stream is open", () => streamsOf(userId) === 1);
    return socket;
  }

  const streamsOf = (userId: string) => evening.hosting.running(sessionId)?.streamsOf(userId);

  async function bulk(): Promise<void> {
    await evening.command(sessionId, "gm", "batch", { ops: BULK });
    // Another value each time: what stays the same would not be sent.
    for (const op of BULK) op.payload.value = `${op.payload.value.slice(1)}${Math.random().toString(36)[3]}`;
    evening.clock.pass(30);
    await new Promise(setImmediate);
  }

  it("[H42] a reader who takes nothing is cut off once 1 MiB waits; who reads goes on; who comes again starts anew", async () => {
    await stalled("sam");
    const ann = await Reading.open(evening, sessionId, { token: await evening.tokenFor("ann") });
    let commands = 0;
    // What the kernel's buffers take does not wait here.
    while (streamsOf("sam") === 1 && commands < 200) {
      await bulk();
      commands++;
      await ann.until("this patch", () => ann.seq === commands);
    }
    assert.equal(streamsOf("sam"), 0, `after ${commands} commands`);
    assert.ok(commands > 4, "not before 1 MiB");
    assert.equal(streamsOf("ann"), 1);
    const again = await Reading.open(evening, sessionId, { token: await evening.tokenFor("sam") });
    await again.until("a snapshot", () => again.seq === commands);
    assert.equal(again.events[0]?.name, "snapshot");
    again.close();
    ann.close();
  }).timeout(20_000);

  it("[H42] a snapshot of over 1 MiB reaches a slow reader whole", async () => {
    for (let i = 0; i < 250; i++) {
      await evening.command(sessionId, "gm", "set", { path: `shared/large/${i}`, value: "y".repeat(16_000) });
    }
    const slow = await stalled("ann");
    await evening.command(sessionId, "gm", "set", { path: "shared/after", value: 1 });
    evening.clock.pass(30);
    assert.equal(streamsOf("ann"), 1, "3.8 MiB wait, and that is the snapshot");
    let received = 0;
    let end = "";
    slow.on("data", (chunk: Buffer) => {
      received += chunk.length;
      end = (end + chunk.toString("latin1")).slice(-300);
    });
    slow.resume();
    await eventually("the patch after it", () => end.includes('"shared/after"'), 5_000);
    assert.ok(received > 250 * 16_000);
  }).timeout(20_000);

  it("[H45] encodes once for all who see the same", () => {
    const entries = new EntryTree();
    entries.put("shared/a", { value: "1", version: 1, by: "gm" });
    entries.put("gm/a", { value: "2", version: 2, by: "gm" });
    entries.put("private/ann/a", { value: "3", version: 3, by: "gm" });
    const change = new Change({ seq: 3, entries }, ["shared/a", "gm/a", "private/ann/a", "private/ann/gone"]);
    const [ann, ben, sam] = ["ann", "ben", "sam"].map((userId) => change.for({ userId, role: "player" }));
    assert.equal(ben, sam);
    assert.equal(change.for({ userId: "gm", role: "gm" }), change.for({ userId: "mia", role: "gm" }));
    assert.equal(
      ben!.toString(),
      'event: patch\ndata: {"seq":3,"set":{"shared/a":{"value":"1","version":1,"by":"gm"}},"delete":[]}\n\n',
    );
    assert.equal(
      ann!.toString(),
      'event: patch\ndata: {"seq":3,"set":{"shared/a":{"value":"1","version":1,"by":"gm"},"private/ann/a":{"value":"3","version":3,"by":"gm"}},"delete":["private/ann/gone"]}\n\n',
    );
  });
});
