import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { Evening } from "../support/evening.ts";
import { ServerProcess } from "../support/server.ts";

describe("the heartbeat of a server", function () {
  this.timeout(30_000);

  it("[K12] says after a kill -9 until when the server was there, though nothing had happened for seconds", async () => {
    const server = await ServerProcess.start();
    try {
      const evening = await Evening.prepare(server, {});
      await evening.gm.join(evening.sessionId);
      await wait(1_500);
      const lastEventAt = Date.parse((await evening.events()).at(-1)!.at);
      await wait(2_200);
      const killedAt = Date.now();
      await server.kill();
      await wait(300);
      await server.start();
      await evening.gm.join(evening.sessionId);
      const restored = (await evening.events()).find(({ kind }) => kind === "session.restored");
      const aliveUntil = Date.parse(String(restored?.data.aliveUntil));
      assert.ok(aliveUntil > lastEventAt + 1_000, "from the heartbeat, not from the last record");
      assert.ok(
        killedAt - aliveUntil < 1_900,
        `${killedAt - aliveUntil} ms before the kill: a beat a second, and some`,
      );
      assert.ok(aliveUntil <= killedAt, "not a moment longer");
    } finally {
      await server.dispose();
    }
  });
});
