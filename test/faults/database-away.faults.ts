import assert from "node:assert/strict";
import { firstBroken } from "../support/audit-chain.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { ownMongo } from "../support/own-mongo.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

/** Contract: refused as retryable within 5 s. */
const REFUSED_WITHIN_MS = 5_000;
const COUNT = { path: "shared/count", by: 1 };

describe("a server whose MongoDB is away", function () {
  this.timeout(60_000);
  const database = ownMongo();
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start({
      env: { MONGODB_URI: database().uri("away"), RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0" },
    });
  });
  after(async () => await server?.dispose());

  const ways = {
    killed: { away: () => database().kill(), back: () => database().launch() },
    stopped: { away: async () => database().freeze(), back: async () => database().thaw() },
  };
  for (const [way, { away, back }] of Object.entries(ways)) {
    it(`[L13] refuses in time while it is ${way}, and applies the retry once when it is back`, async () => {
      const evening = await Evening.prepare(server, { members: { ana: "player" } });
      const [gm, ana] = [await evening.gm.join(evening.sessionId), await evening.person("ana").join(evening.sessionId)];
      const before = await ana.command("increment", COUNT);
      await away();
      const command = { id: "the one", action: "increment", payload: COUNT };
      try {
        for (let tries = 0; tries < 2; tries++) {
          const from = performance.now();
          const outcome = await ana.attempt(command);
          const ms = performance.now() - from;
          assert.ok(outcome.kind === "refused", `${outcome.kind} after ${ms} ms`);
          assert.equal(outcome.refusal.code, "journal_unavailable");
          assert.equal(outcome.refusal.retryable, true);
          assert.ok(ms < REFUSED_WITHIN_MS, `refused after ${ms} ms`);
        }
        await Promise.all([
          isUnavailable("GET", "/readyz"),
          isUnavailable("POST", `/api/campaigns/${evening.campaignId}/sessions`, { title: "x" }, evening),
          isUnavailable("POST", `${evening.path}/pause`, undefined, evening),
        ]);
        assert.equal(gm.value(COUNT.path), 1, "what is not stored is not shown");
      } finally {
        await back();
      }
      await eventually("readiness", async () => (await fetch(`${server.url}/readyz`)).status === 200, 10_000);
      const after = await eventually("the retry", () => accepted(ana, command), 10_000);
      assert.equal(after.seq, before.seq + 1);
      await gm.caughtUp(after.seq);
      assert.deepEqual([gm.value(COUNT.path), ana.value(COUNT.path)], [2, 2]);
      assert.equal((await ana.attempt(command)).kind, "accepted");
      assert.equal(gm.value(COUNT.path), 2, "once");
      assert.equal(firstBroken(await evening.events()), null);
      assert.equal(gm.closing, null);

      await server.kill();
      await server.start();
      const again = await evening.person("ana").join(evening.sessionId);
      await again.caughtUp(after.seq);
      assert.equal(again.value(COUNT.path), 2);
    });
  }

  async function accepted(seat: Seat, command: Parameters<Seat["attempt"]>[0]) {
    const outcome = await seat.attempt(command);
    return outcome.kind === "accepted" ? outcome.answer : undefined;
  }

  /** 503 in time, and no hang. */
  async function isUnavailable(method: string, path: string, body?: unknown, evening?: Evening): Promise<void> {
    const from = performance.now();
    const token = evening === undefined ? undefined : await server.tokenFor(evening.gm.userId);
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    assert.equal(answer.status, 503, `${method} ${path}`);
    assert.ok(performance.now() - from < REFUSED_WITHIN_MS, `${method} ${path}`);
  }
});
