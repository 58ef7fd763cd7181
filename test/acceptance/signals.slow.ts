import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { Evening } from "../support/evening.ts";
import { ServerProcess } from "../support/server.ts";

describe("signals", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start();
  });
  after(() => server?.dispose());

  const ways: readonly (readonly NodeJS.Signals[])[] = [
    ["SIGTERM"],
    ["SIGINT"],
    ["SIGHUP"],
    ["SIGINT", "SIGINT"],
    ["SIGTERM", "SIGTERM", "SIGTERM"],
    ["SIGHUP", "SIGTERM", "SIGINT", "SIGHUP"],
  ];
  for (const [n, signals] of ways.entries()) {
    it(`[O21] ${signals.join(", ")}: it saves, tells everybody, and exits with 0`, async () => {
      if (!server.isRunning) await server.start();
      const evening = await Evening.prepare(server, { gm: `gm-${n}` });
      const seat = await evening.gm.join(evening.sessionId);
      await seat.command("set", { path: "shared/door", value: n });
      const before = server.log.length;
      assert.equal(await server.signal(...signals), 0);
      const said = server.log.slice(before);
      assert.equal(said.split('"msg":"stopping"').length - 1, 1, "it stops once");
      assert.match(said, new RegExp(`"session":"${evening.sessionId}","why":"server_restarting","msg":"closed"`));
      if (process.env.MONGODB_URI === undefined) {
        assert.deepEqual(readdirSync(server.dataFolder), ["campaign-live-sessions.sqlite"], "the file is closed");
      }
      await seat.leave().catch(() => {});
    });
  }
});
