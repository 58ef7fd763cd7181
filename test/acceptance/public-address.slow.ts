import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

describe("PUBLIC_ADDRESS", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let gate: TcpProxy;
  before(async () => {
    gate = await TcpProxy.to(() => server.port);
    server = await ServerProcess.start({ env: { PUBLIC_ADDRESS: `127.0.0.1:${gate.port}/at/home` } });
  });
  after(async () => {
    await gate?.close();
    await server?.dispose();
  });

  it("[T33] is where a stock SDK's sockets go, by its path, and where it comes back to after a cut line and a kill", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const client = await StockClient.join(evening.person("ana"), server.url, evening.sessionId);
    assert.equal(gate.connections, 1);
    assert.deepEqual(await client.problems(), []);
    await client.upLongEnough();
    gate.cut();
    await eventually("back after the cut", () => client.returns === 1, 10_000);
    assert.equal(gate.connections, 1);
    await server.kill();
    await server.start();
    await eventually("back after the kill", () => client.returns === 2, 15_000);
    assert.equal(gate.connections, 1);
    assert.deepEqual(await client.problems(), []);
    await client.leave();
  });
});
