import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ServerProcess } from "../support/server.ts";

const HEAD =
  "POST /api/campaigns HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60\r\n";

/** How long a connection that sends this, and then a byte every 2 s, stays open, in ms. */
async function staysOpen(port: number, first: string, byte: string): Promise<number> {
  const socket: Socket = connect(port, "127.0.0.1").on("error", () => undefined);
  await once(socket, "connect");
  const openedAt = performance.now();
  socket.resume();
  if (first !== "") socket.write(first);
  const dribble = setInterval(() => byte !== "" && socket.write(byte), 2_000);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(dribble);
  return performance.now() - openedAt;
}

describe("time-outs of a real server", () => {
  it("[H70] silent connections and halves of heads are gone within 15 s, a body that dribbles within 60", async function () {
    this.timeout(90_000);
    const server = await ServerProcess.start();
    try {
      const headers = `${HEAD}Authorization: Bearer ${await server.tokenFor("gm")}\r\n`;
      const heads = [
        ...Array.from({ length: 300 }, () => staysOpen(server.port, "", "")),
        ...Array.from({ length: 20 }, () => staysOpen(server.port, "GET /healthz HT", "")),
        ...Array.from({ length: 20 }, () => staysOpen(server.port, "GET /healthz HTTP/1.1\r\n", "X")),
      ];
      const bodies = Array.from({ length: 20 }, () => staysOpen(server.port, `${headers}\r\n`, " "));
      const times = await Promise.all(heads);
      console.log(`      heads: ${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms`);
      assert.ok(Math.max(...times) <= 15_500, "with half a second for a busy machine");
      assert.ok(Math.min(...times) >= 10_000, "a slow line has its time");
      const slowest = await Promise.all(bodies);
      console.log(`      bodies: ${Math.round(Math.min(...slowest))} to ${Math.round(Math.max(...slowest))} ms`);
      assert.ok(Math.max(...slowest) <= 60_500);
      assert.ok(Math.min(...slowest) >= 50_000);
    } finally {
      await server.dispose();
    }
  });
});
