import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { PeerLines } from "../../src/cluster/peer-lines.ts";
import { systemClock } from "../../src/ops/time.ts";
import { beatOf } from "../support/beats.ts";
import { eventually } from "../support/eventually.ts";

describe("a line to another process", () => {
  let lines: PeerLines;
  const refused: string[] = [];
  const servers: Server[] = [];
  beforeEach(() => {
    refused.length = 0;
    lines = new PeerLines(systemClock, (processId) => refused.push(processId));
  });
  afterEach(() => {
    lines.stop();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const listen = async (answer: (socket: Socket) => void, port = 0) => {
    const sockets: Socket[] = [];
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      answer(request.socket);
      if (!request.socket.destroyed) response.end("{}");
    });
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => sockets.push(socket));
    servers.push(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const { port: bound } = server.address() as AddressInfo;
    const end = (): void => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
    return {
      port: bound,
      beat: beatOf("one", 1, { internalUrl: `http://127.0.0.1:${bound}/base` }),
      sockets,
      asked,
      end,
    };
  };

  it("[MP3] is one idle connection, and tells that nobody listens any more when it breaks", async () => {
    const { beat, sockets, asked, end } = await listen(() => undefined);
    lines.lives(beat);
    await eventually("it is asked", () => asked.length > 0);
    assert.deepEqual(asked, ["/base/healthz"]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual([sockets.length, asked.length, refused], [1, 1, []]);
    end();
    await eventually("refused", () => refused.length > 0);
    assert.deepEqual(refused, ["one"]);
    lines.died(beat);
  });

  it("[MP3] that is closed while somebody listens is made anew, at a pace", async () => {
    const { beat, sockets } = await listen((socket) => socket.destroy());
    lines.lives(beat);
    await new Promise((resolve) => setTimeout(resolve, 900));
    assert.ok(sockets.length >= 2 && sockets.length <= 5, `${sockets.length} connections`);
    assert.deepEqual(refused, []);
  });

  it("[MP3] says nothing of a process that was never reached: one that starts beats before it listens", async () => {
    const { beat, port, end } = await listen(() => undefined);
    end();
    lines.lives(beat);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual(refused, []);
    const { asked } = await listen(() => undefined, port);
    await eventually("it is asked", () => asked.length > 0);
  });

  it("[MP3] is let go of when the process is dead, and at the stop", async () => {
    const { beat, sockets } = await listen(() => undefined);
    for (const letGo of [() => lines.died(beat), () => lines.stop()]) {
      lines.lives(beat);
      await eventually("connected", () => sockets.some(({ destroyed }) => !destroyed));
      letGo();
      await eventually("let go of", () => sockets.every(({ destroyed }) => destroyed));
    }
    assert.deepEqual(refused, []);
  });
});
