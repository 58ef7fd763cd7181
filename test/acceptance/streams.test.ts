import assert from "node:assert/strict";
import { Reading } from "../http/reading.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { ServerProcess } from "../support/server.ts";

describe("streams of a real server", () => {
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start();
  });

  after(async () => await server?.dispose());

  it("[H43] shows the GM who reads, beside the room; [H37] tells what the room tells", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const { token } = evening.person("ana");
    const reading = await Reading.open(server, evening.sessionId, { token });
    await gm.until("one stream", ({ connections }) => connections?.get("ana")?.streams === 1);
    assert.equal(gm.state.connections?.get("ana")?.connections, 1);
    await ana.command("set", { path: "shared/a", value: 1 });
    await ana.command("set", { path: "private/ana/b", value: { c: 2 } });
    const { seq } = await gm.command("set", { path: "gm/c", value: "canary" });
    await ana.room.request("activity", { kind: "rolling" });
    await reading.until("all of it", () => reading.seq === seq);
    await reading.until("rolling", () => reading.all("presence").some(({ activity }) => activity === "rolling"));
    assert.deepEqual([...reading.entries().keys()], ["shared/a", "private/ana/b/c"]);
    assert.ok(!reading.text.includes("canary"));
    reading.close();
    await gm.until("no stream", ({ connections }) => connections?.get("ana")?.streams === 0);
    await eventually("the audit", async () => {
      const kinds = (await evening.events()).map(({ kind }) => kind);
      return kinds.includes("stream.opened") && kinds.includes("stream.closed");
    });
    await Promise.all([gm.leave(), ana.leave()]);
  });

  it("[H40] a stop ends streams without `end`, and exits 0; [H37] the next life starts them with a snapshot", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const { token } = evening.person("ana");
    const reading = await Reading.open(server, evening.sessionId, { token });
    await reading.until("a snapshot", () => reading.events.length === 1);
    assert.equal(await server.stop(), 0);
    await reading.ended();
    assert.deepEqual(reading.all("end"), []);
    await server.start();
    const again = await Reading.open(server, evening.sessionId, { token });
    await again.until("a snapshot", () => again.events[0]?.name === "snapshot");
    again.close();
  });
});
