import assert from "node:assert/strict";
import { request } from "node:http";
import { KeysUnavailable } from "../../src/identity/keySet.ts";
import type { Backups } from "../../src/ports/backups.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { Evening, type Loose } from "./evening.ts";

const CANARY = "canary-8f1c";

/** A request as written, so that nothing mends its path. @returns status and body */
function raw(evening: Evening, method: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(evening.url);
    const asked = request({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on("error", reject).end();
  });
}

describe("HTTP on the wire", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  const post = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) => {
    const authorization = `Bearer ${await evening.tokenFor("gm")}`;
    const answer = await fetch(`${evening.url}/api/campaigns`, {
      method: "POST",
      headers: { authorization, ...headers },
      body,
    });
    return { status: answer.status, body: (await answer.json()) as Loose };
  };

  it("[H2] without a token nothing answers, not even that a path does not exist or is badly written", async () => {
    for (const path of ["/api", "/api/", "/api/nothing", "/api/campaigns/%ff", "/api/sessions/x/start"]) {
      const { status, headers } = await raw(evening, "PATCH", path);
      assert.equal(status, 401, path);
      assert.equal(headers["www-authenticate"], "Bearer");
    }
    assert.equal((await raw(evening, "GET", "/nothing")).status, 404);
  });

  it("[H3] 405 names what there is; HEAD is there where GET is", async () => {
    const answer = await evening.ask("gm", "DELETE", "/api/campaigns");
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST, GET, HEAD"]);
    const head = await evening.ask("gm", "HEAD", "/api/campaigns");
    assert.deepEqual([head.status, head.text], [200, ""]);
    const guest = await evening.ask(null, "GET", "/api/invites/x/guest");
    assert.deepEqual([guest.status, guest.headers.get("allow")], [405, "POST"]);
  });

  it("[H4] every no is a whole problem", async () => {
    const { status, headers, body } = await evening.ask("gm", "GET", "/api/sessions/x");
    assert.equal(headers.get("content-type"), "application/problem+json; charset=utf-8");
    assert.deepEqual(Object.keys(body).sort(), ["code", "detail", "status", "title", "type"]);
    assert.equal(body.status, status);
  });

  it("[H4] what nobody expected is 500 and says nothing of the cause, [H30] nor does the log", async () => {
    evening.stores.campaigns.create = async () => {
      throw new Error(`driver says ${CANARY}`);
    };
    const answer = await evening.ask("gm", "POST", "/api/campaigns", { body: { name: "x" } });
    assert.deepEqual([answer.status, answer.body.code], [500, "internal"]);
    assert.ok(!answer.text.includes(CANARY));
    const log = evening.logLines.join("");
    assert.match(log, /"error":"Error"/);
    assert.ok(!log.includes(CANARY));
  });

  it("[H9] a store that is down and keys that cannot be fetched are 503 with Retry-After, and only that", async () => {
    evening.stores.goDown();
    const answer = await evening.ask("gm", "GET", "/api/campaigns");
    assert.deepEqual([answer.status, answer.body.code, answer.headers.get("retry-after")], [503, "unavailable", "1"]);
    evening.stores.recover();
    assert.equal((await evening.ask("gm", "GET", "/api/campaigns")).status, 200);
    const verify = async () => {
      throw new KeysUnavailable("issuer");
    };
    const blind = await Evening.begin({}, { identity: { ...evening.identity, verify } });
    assert.equal((await blind.ask("gm", "GET", "/api/campaigns")).status, 503);
    blind.end();
  });

  it("[H9] a change that is not known to be recorded is 503", async () => {
    const sessionId = await evening.session(await evening.campaign());
    await evening.hosting.open(sessionId);
    evening.stores.failAppend();
    const answer = await evening.ask("gm", "POST", `/api/sessions/${sessionId}/start`);
    assert.deepEqual([answer.status, answer.body.code], [503, "unavailable"]);
    assert.equal((await evening.get("gm", "GET", `/api/sessions/${sessionId}`)).status, "created");
  });

  it("[H5] every wrong field is named by JSON Pointer, an unknown one too", async () => {
    const campaignId = await evening.campaign();
    const body = { title: "", maxParticipants: 501, settings: { idleAfter: 0, "a/b~": 1 }, extra: 1 };
    const answer = await evening.ask("gm", "POST", `/api/campaigns/${campaignId}/sessions`, { body });
    assert.deepEqual([answer.status, answer.body.code], [400, "bad_request"]);
    const paths = answer.body.errors.map(({ path }: { path: string }) => path);
    assert.deepEqual(
      new Set(paths),
      new Set(["/title", "/maxParticipants", "/settings/idleAfter", "/settings/a~1b~0", "/extra"]),
    );
  });

  it("[H6] a body is JSON in UTF-8 of at most 64 KiB", async () => {
    const padded = (bytes: number) => `{"name":"x"}${" ".repeat(bytes - 12)}`;
    assert.equal((await post(padded(65_536))).status, 201);
    const verdicts: [number, string, string | Uint8Array<ArrayBuffer>, Record<string, string>?][] = [
      [413, "payload_too_large", padded(65_537)],
      [400, "bad_request", "{"],
      [400, "bad_request", "null"],
      [400, "bad_request", "[]"],
      [400, "bad_request", '"name"'],
      [400, "bad_request", '{"name":"x","__proto__":1}'],
      [400, "bad_request", "[".repeat(60_000)],
      [400, "bad_request", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
      [415, "unsupported_media_type", '{"name":"x"}', { "content-type": "text/plain" }],
      [415, "unsupported_media_type", "name=x", { "content-type": "application/x-www-form-urlencoded" }],
      [415, "unsupported_media_type", "x", { "content-type": "application/json", "content-encoding": "zip" }],
    ];
    for (const [status, code, body, headers] of verdicts) {
      const answer = await post(body, headers);
      assert.deepEqual([answer.status, answer.body.code], [status, code], String(body).slice(0, 40));
    }
  });

  it("[H7] characters are code points, lone surrogates are none", async () => {
    assert.equal((await post(JSON.stringify({ name: "🐉".repeat(100) }))).status, 201);
    assert.equal((await post(JSON.stringify({ name: "🐉".repeat(101) }))).status, 400);
    assert.equal((await post('{"name":"\\ud800"}')).status, 400);
  });

  it("[H8] percent-encoding: faults are 400, a slash changes no path, user ids are path segments", async () => {
    const authorization = `Bearer ${await evening.tokenFor("gm")}`;
    const campaignId = await evening.campaign({ "\u00e9": "player" });
    const status = async (method: string, path: string) => (await raw(evening, method, path, { authorization })).status;
    for (const path of ["/api/campaigns/%", "/api/campaigns/%ff", "/api/sessions/%c3%28/state"]) {
      assert.equal(await status("GET", path), 400, path);
    }
    assert.equal(await status("GET", `/api/campaigns%2F${campaignId}`), 404);
    assert.equal(await status("GET", `/api/campaigns/${campaignId}%2Fsessions`), 404);
    assert.equal(await status("GET", `/api//campaigns`), 404);
    assert.equal(await status("GET", `/API/campaigns`), 404);
    for (const userId of ["a%2Fb", "%2E%2E", "a%00b", "e%CC%81", "x".repeat(129)]) {
      const answer = await evening.ask("gm", "PUT", `/api/campaigns/${campaignId}/members/${userId}`, {
        body: { role: "player" },
      });
      assert.ok([400, 404].includes(answer.status), userId);
    }
    assert.equal(await status("DELETE", `/api/campaigns/${campaignId}/members/%C3%A9`), 204);
  });

  it("[H30] no log line has a URL, a query, a token or a body; a request's has method, pattern, status, ms", async () => {
    const sessionId = await evening.session(await evening.campaign(), { title: CANARY });
    const { token } = await evening.invite(sessionId, { label: CANARY });
    await evening.ask("gm", "GET", `/api/invites/${token}?${CANARY}=1`);
    await evening.ask("gm", "GET", `/api/${CANARY}?x=${CANARY}`);
    await evening.ask("gm", "POST", `/api/sessions/${sessionId}/pause`, { body: { reason: CANARY } });
    await post(`{"name": ${CANARY}`);
    const log = evening.logLines.join("");
    for (const secret of [CANARY, token, sessionId, await evening.tokenFor("gm"), "Bearer"])
      assert.ok(!log.includes(secret));
    const lines = evening.logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
    const preview = lines.find(({ route }) => route === "/api/invites/:token");
    assert.deepEqual([preview.method, preview.status, typeof preview.ms], ["GET", 200, "number"]);
    assert.ok(lines.some(({ route, status }) => route === "none" && status === 404));
  });

  it("[H33] health, readiness and metrics", async () => {
    assert.equal((await evening.ask(null, "GET", "/healthz")).status, 200);
    assert.equal((await evening.ask(null, "GET", "/readyz")).status, 200);
    assert.equal((await evening.ask(null, "GET", "/metrics")).status, 404);
    evening.stores.goDown();
    evening.clock.pass(1_000);
    assert.equal((await evening.ask(null, "GET", "/readyz")).status, 503);
    evening.stores.recover();
    evening.stores.check = () => new Promise(() => {});
    evening.logLines.length = 0;
    evening.clock.pass(1_000);
    const stuck = evening.ask(null, "GET", "/readyz");
    while (evening.logLines.every((line) => !line.includes("not ready"))) {
      await new Promise(setImmediate);
      evening.clock.pass(100);
    }
    assert.equal((await stuck).status, 503);
    evening.draining = true;
    assert.match((await evening.ask(null, "GET", "/readyz")).text, /draining/);
    assert.equal((await evening.ask(null, "GET", "/healthz")).status, 200);

    const metrics = async () => "sessions_open 1\n";
    const measured = await Evening.begin({ METRICS_TOKEN: "figures" }, { metrics });
    assert.equal((await measured.ask(null, "GET", "/metrics")).status, 401);
    assert.equal((await measured.ask("gm", "GET", "/metrics")).status, 401);
    const headers = { authorization: "Bearer figures" };
    const figures = await measured.ask(null, "GET", "/metrics", { headers });
    assert.deepEqual([figures.status, figures.text], [200, "sessions_open 1\n"]);
    measured.end();
  });

  it("[H47] a backup is asked of the store, and there is none to be had where it is not ours to copy", async () => {
    const backup = { file: "/somewhere/it.sqlite", bytes: 4096 };
    const askedAt: number[] = [];
    const backups: Backups = {
      async make(at) {
        askedAt.push(at);
        return backup;
      },
    };
    const asked = await Evening.begin({}, { stores: { ...openMemoryStores(), backups } });
    const headers = { authorization: `Bearer ${await asked.tokenFor("root", { roles: ["operator"] })}` };
    const answer = await asked.ask(null, "POST", "/api/admin/backups", { headers });
    assert.deepEqual([answer.status, answer.body, askedAt], [201, backup, [asked.clock.now()]]);
    asked.end();
    const none = await evening.ask(null, "POST", "/api/admin/backups", { headers });
    assert.equal(`${none.status} ${none.body.code}`, "404 not_found");
  });

  it("[H35] a drain answers first, then begins", async () => {
    const headers = { authorization: `Bearer ${await evening.tokenFor("root", { roles: ["operator"] })}` };
    const answer = await evening.ask(null, "POST", "/api/admin/drain", { headers });
    assert.equal(answer.status, 202);
    while (evening.drains === 0) await new Promise(setImmediate);
    assert.equal(evening.drains, 1);
  });
});
