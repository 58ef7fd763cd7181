import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { ServerProcess } from "../support/server.ts";

describe("removed in the middle of joining", function () {
  this.timeout(30_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0" } });
  });

  after(async () => await server?.dispose());

  it("[C19] leaves nobody online without a connection, whenever the removal falls", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = evening.person("ana");
    for (let delayMs = 0; delayMs < 30; delayMs += 2) {
      const joining = ana.join(evening.sessionId, { firstStateWithinMs: 250 }).catch(() => undefined);
      await pause(delayMs / 2);
      await evening.gm.ask("POST", `${evening.path}/participants/ana/remove`, {});
      const seat = await joining;
      await eventually(`after ${delayMs / 2} ms, ana is shown as she is`, () => {
        const isHere = seat !== undefined && seat.closing === null && seat.room.connection.isOpen;
        const row = gm.state.participants.get("ana");
        const sockets = gm.state.connections.get("ana")?.connections ?? 0;
        return isHere ? row?.presence === "online" && sockets === 1 : row?.presence !== "online" && sockets === 0;
      });
      await evening.gm.ask("POST", `${evening.path}/participants/ana/remove`, {});
      await seat?.ended().catch(() => undefined);
    }
    assert.equal(gm.closing, null);
  });
});
