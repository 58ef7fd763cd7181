import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { createHttpServer, HEAD_WITHIN_MS, REQUEST_WITHIN_MS } from "../../src/http/http-server.ts";
import { eventually, pause } from "../support/eventually.ts";
import { HandClock, settled } from "../support/hand-clock.ts";
import { Evening } from "./evening.ts";

/** A kernel may take a whole answer for a socket that nobody reads, but not that many. */
const TIMES = 6;

/** A connection that asks for something several times and reads nothing. */
async function asking(evening: Evening, path: string, token: string): Promise<Socket> {
  const { port } = new URL(evening.url);
  const socket = connect(Number(port), "127.0.0.1").pause();
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(TIMES));
  return socket;
}

describe("time-outs of connections and answers", () => {
  it("[H70] leave no connection without a head, and no request without its body, longer than the contract says", () => {
    const server = createHttpServer(() => undefined, new HandClock(), 65);
    const lookedAtEveryMs = Reflect.get(server, "connectionsCheckingInterval");
    assert.ok(server.headersTimeout + lookedAtEveryMs < HEAD_WITHIN_MS);
    assert.ok(server.requestTimeout + lookedAtEveryMs < REQUEST_WITHIN_MS);
    assert.ok(server.headersTimeout >= 10_000 && server.requestTimeout >= 50_000, "slow lines have their time");
    assert.ok(lookedAtEveryMs < Reflect.get(createServer(), "connectionsCheckingInterval"), "the option has that name");
  });

  it("[H71] an answer that is not taken within 60 s is cut, one that is taken is not", async () => {
    const evening = await Evening.begin();
    try {
      const sessionId = await evening.session(await evening.campaign());
      await evening.join(sessionId, "gm");
      for (let n = 0; n < 16; n++) {
        const part = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`${n}-${i}`, "x".repeat(16_000)]));
        await evening.command(sessionId, "gm", "set", { path: `shared/${n}`, value: part });
      }
      const token = await evening.tokenFor("gm");
      const sockets = await Promise.all(
        Array.from({ length: 2 }, () => asking(evening, `/api/sessions/${sessionId}/state`, token)),
      );
      const closed = sockets.map((socket) => once(socket, "close"));
      await eventually("each has an answer that waits", () => evening.unsentAnswers === sockets.length);
      // What the system's own buffers take is on its way for a moment, and counts as taken.
      await pause(300);
      evening.clock.pass(59_000);
      await settled();
      assert.equal(evening.unsentAnswers, sockets.length);
      assert.equal((await evening.ask("gm", "GET", `/api/sessions/${sessionId}/state`)).status, 200);
      evening.clock.pass(1_000);
      for (const socket of sockets) socket.resume();
      await Promise.all(closed);
      for (const socket of sockets) assert.ok(socket.bytesRead < TIMES * 3_600_000, "it was cut before its end");
      await eventually("nothing waits any more", () => evening.unsentAnswers === 0);
      assert.equal((await evening.ask("gm", "GET", `/api/sessions/${sessionId}/state`)).status, 200);
    } finally {
      evening.end();
    }
  });
});
