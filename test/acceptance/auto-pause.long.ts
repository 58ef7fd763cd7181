import assert from "node:assert/strict";
import { Evening, type SessionView } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { ServerProcess } from "../support/server.ts";

describe("autoPauseWhenNoGm on a server", function () {
  this.timeout(40_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start();
  });

  after(async () => await server?.dispose());

  const prepare = (seconds: number) =>
    Evening.prepare(server, {
      members: { ana: "player" },
      session: { settings: { autoPauseWhenNoGm: seconds, reconnectWindow: 0 } },
    });
  const statusOf = async ({ gm, path }: Evening) => (await gm.get<SessionView>("GET", path)).status;
  const paused = (evening: Evening, withinMs: number) =>
    eventually("paused", async () => (await statusOf(evening)) === "paused", withinMs);
  const steps = async (evening: Evening) =>
    (await evening.events()).flatMap(({ kind, actor }) =>
      kind.startsWith("session.") && actor.userId === null ? [kind] : [],
    );

  it("[V21] a session that everybody left is paused, across kill -9 and SIGTERM, though nobody opens it", async function () {
    // What a store that is just starting refuses is tried again after 5 s.
    this.timeout(40_000);
    const [long, short] = [await prepare(4), await prepare(2)];
    for (const evening of [long, short]) {
      const gm = await evening.gm.join(evening.sessionId);
      const ana = await evening.person("ana").join(evening.sessionId);
      await gm.leave();
      await ana.leave();
    }
    await server.kill();
    await server.start();
    await paused(short, 12_000);
    await server.stop();
    await server.start();
    await paused(long, 12_000);
    for (const evening of [long, short]) assert.deepEqual(await steps(evening), ["session.paused"]);
  });

  it("[V22] a GM who comes back finds it live again; one who paused it themselves does not", async () => {
    const evening = await prepare(1);
    const ana = await evening.person("ana").join(evening.sessionId);
    await ana.until("paused by the server", ({ status, statusBy }) => status === "paused" && statusBy === "", 3_000);
    const refusal = await ana.refused("set", { path: "shared/a", value: 1 });
    assert.equal(refusal.code, "session_paused");
    let gm = await evening.gm.join(evening.sessionId);
    await ana.until("live again", ({ status, statusBy }) => status === "live" && statusBy === "");
    await ana.command("set", { path: "shared/a", value: 1 });
    await gm.leave();
    await ana.until("paused again", ({ status }) => status === "paused", 3_000);
    const answer = await evening.gm.ask<SessionView>("POST", `${evening.path}/pause`, { reason: "for today" });
    assert.deepEqual([answer.status, answer.body.status], [200, "paused"]);
    await ana.until(
      "the GM's pause",
      ({ statusBy, statusReason }) => statusBy === "gm" && statusReason === "for today",
    );
    gm = await evening.gm.join(evening.sessionId);
    await pause(500);
    assert.equal(await statusOf(evening), "paused");
    await evening.step("resume");
    assert.deepEqual(await steps(evening), ["session.paused", "session.resumed", "session.paused"]);
    await Promise.all([gm.leave(), ana.leave()]);
  });

  it("[V20] a GM whose line is cut by the server's death is waited for", async () => {
    const evening = await prepare(3);
    await evening.gm.get("PATCH", evening.path, { settings: { reconnectWindow: 60 } });
    const gm = await evening.gm.join(evening.sessionId);
    await server.kill();
    await gm.ended();
    await server.start();
    const again = await evening.gm.join(evening.sessionId);
    await pause(3_500);
    assert.deepEqual([await statusOf(evening), await steps(evening)], ["live", ["session.restored"]]);
    await again.leave();
    await paused(evening, 6_000);
  });
});
