import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { openDistance } from "../../loadtest/distant.ts";

const ROUND_TRIP_MS = 40;
/** timers may fire a little early by the clock that measures */
const EARLY_MS = 2;

describe("a distance", () => {
  let server: ReturnType<typeof createServer>;
  let near: Socket;

  before(async () => {
    server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { hostname, port: distantPort } = new URL(await openDistance(`ws://127.0.0.1:${port}`, ROUND_TRIP_MS));
    near = connect({ host: hostname, port: Number(distantPort) });
    await once(near, "connect");
  });

  after(() => {
    near.destroy();
    server.close();
  });

  it("[Q9] takes its round trip, and keeps the order", async () => {
    const pieces = ["a", "b".repeat(5000), "c"];
    const startedMs = performance.now();
    for (const piece of pieces) near.write(piece);
    let echoed = "";
    for await (const piece of near) {
      echoed += piece;
      if (echoed.length === 5002) break;
    }
    assert.ok(performance.now() - startedMs >= ROUND_TRIP_MS - EARLY_MS);
    assert.equal(echoed, pieces.join(""));
  });
});
