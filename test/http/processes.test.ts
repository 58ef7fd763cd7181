import assert from "node:assert/strict";
import type { SignedRequest } from "../../src/ports/elsewhere.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import { beatOf } from "../support/beats.ts";
import { call } from "../support/http.ts";
import { Evening } from "./evening.ts";

describe("what is told of the processes", () => {
  let evening: Evening | undefined;
  afterEach(() => evening?.end());
  const askAsOperator = async (asked: Evening) => {
    const token = await asked.tokenFor("operator", { roles: ["operator"] });
    return await call<{ items: unknown[] }>(asked.url, "GET", "/api/admin/processes", { token });
  };

  it("[MP16] an operator sees a process that serves alone as one row", async () => {
    evening = await Evening.begin();
    await evening.hosting.start();
    const campaignId = await evening.campaign({ kim: "player" });
    await evening.hosting.open(await evening.session(campaignId));
    const { status, body } = await askAsOperator(evening);
    assert.equal(status, 200);
    const now = new Date(evening.clock.now()).toISOString();
    assert.deepEqual(body.items, [
      {
        ...{ processId: "p1", internalUrl: null, startedAt: now, beatAt: now },
        ...{ sessions: 1, connections: 0, draining: false, version: "" },
      },
    ]);
  });

  it("[MP16] and all others that are there, as they beat last", async () => {
    const other = beatOf("p2", 1_700_000_000_000, {
      ...{ startedAt: 1_600_000_000_000, internalUrl: "http://10.0.0.2:2567", publicAddress: "two.example" },
      ...{ isDraining: true, sessions: 7, connections: 31 },
    });
    evening = await Evening.begin({}, { processes: () => [other] });
    const { body } = await askAsOperator(evening);
    assert.deepEqual(body.items, [
      {
        ...{ processId: "p2", internalUrl: "http://10.0.0.2:2567", startedAt: "2020-09-13T12:26:40.000Z" },
        ...{ beatAt: "2023-11-14T22:13:20.000Z", sessions: 7, connections: 31, draining: true, version: "0.1.0" },
      },
    ]);
  });

  it("[MP15] readiness says whether Redis can be reached, at most once a second, and is 200 either way", async () => {
    let isThere = true;
    let asked = 0;
    evening = await Evening.begin(
      {},
      {
        redis: async () => {
          asked += 1;
          return isThere;
        },
      },
    );
    const ready = async () => {
      const { status, body } = await evening!.ask(null, "GET", "/readyz");
      return [status, body];
    };
    assert.deepEqual(await ready(), [200, { status: "ready", redis: "ok" }]);
    isThere = false;
    assert.deepEqual(await ready(), [200, { status: "ready", redis: "ok" }]);
    evening.clock.pass(1_000);
    assert.deepEqual(await ready(), [200, { status: "ready", redis: "away" }]);
    assert.equal(asked, 2);
    evening.stores.goDown();
    evening.clock.pass(1_000);
    assert.equal((await evening.ask(null, "GET", "/readyz")).status, 503);
    evening.stores.recover();
    await evening.end();
    evening = await Evening.begin();
    assert.deepEqual(await ready(), [200, { status: "ready" }]);
  });

  it("[MP12] only another process of ours brings a message; to everybody else there is no such path", async () => {
    const taken: unknown[] = [];
    const takeMessage = async (message: unknown) => {
      taken.push(message);
      if (message === "store away") throw new StoreUnavailable("down");
      return message !== "forged";
    };
    const isFromPeer = ({ headers }: SignedRequest) => headers["x-ours"] === "yes";
    const peers = { isFromPeer, askAll: async () => new Map<string, unknown>() };
    evening = await Evening.begin({}, { takeMessage, peers });
    const post = async (body: unknown, ours: string) => {
      const headers = { "x-ours": ours };
      const answer = await call(evening!.url, "POST", "/internal/messages", { body, headers });
      return [answer.status, answer.body.taken];
    };
    assert.deepEqual(await post({ text: "x" }, "yes"), [200, true]);
    assert.deepEqual(await post("forged", "yes"), [200, false]);
    assert.equal((await post("store away", "yes"))[0], 503);
    assert.deepEqual(await post({ text: "x" }, "no"), [404, undefined]);
    assert.deepEqual(taken, [{ text: "x" }, "forged", "store away"]);
  });
});
