import assert from "node:assert/strict";
import { exchange, head } from "../support/raw-http.ts";
import { Evening } from "./evening.ts";

const SECRET = "canary-of-a-head";

describe("bytes that are no request", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  it("[H140] are answered as every other refusal, with one line in the log that says nothing of them", async () => {
    for (const [what, bytes] of [
      ["no HTTP at all", head(`hello ${SECRET}`)],
      ["a method that nobody knows", head(`${SECRET.toUpperCase()} / HTTP/1.1`, "Host: x")],
      ["a header without a colon", head("GET /healthz HTTP/1.1", "Host: x", SECRET)],
      ["a header with a space in its name", head("GET /healthz HTTP/1.1", "Host: x", `${SECRET} a: b`)],
      ["two lengths", head("POST /api/campaigns HTTP/1.1", "Host: x", "Content-Length: 1", "Content-Length: 2")],
      ["a length and chunks", head("POST /x HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked")],
      ["a head of 20,000 bytes", head("GET /healthz HTTP/1.1", "Host: x", `X-Long: ${SECRET.repeat(1_250)}`)],
    ] as const) {
      const before = evening.logLines.length;
      const { status, headers, body } = await exchange(evening.url, bytes);
      assert.deepEqual([status, body?.code, body?.status], [400, "bad_request", 400], what);
      assert.match(headers["content-type"] ?? "", /^application\/problem\+json/, what);
      const lines = evening.logLines.slice(before);
      assert.equal(lines.length, 1, what);
      assert.equal(JSON.parse(lines[0] ?? "").status, 400, what);
      assert.ok(!lines.join().toLowerCase().includes(SECRET), what);
    }
  });

  it("[H140] a body that breaks off into something else is answered so, too, and is not carried out", async () => {
    const token = await evening.tokenFor("gm");
    const lines = ["Host: x", `Authorization: Bearer ${token}`, "Content-Type: application/json"];
    const chunked = head("POST /api/campaigns HTTP/1.1", ...lines, "Transfer-Encoding: chunked");
    const { status, body } = await exchange(evening.url, `${chunked}c\r\n{"name":"C"}\r\nzz\r\n`);
    assert.deepEqual([status, body?.code], [400, "bad_request"]);
    const listed = await evening.ask("gm", "GET", "/api/campaigns");
    assert.deepEqual(listed.body.items, []);
  });

  it("[H141] an `Expect` that is not known is ignored: the checks come in their order", async () => {
    const body = '{"name":"C"}';
    const about = ["Host: x", "Expect: the-unexpected", "Content-Type: application/json"];
    const asked = (...more: string[]) =>
      exchange(
        evening.url,
        head("POST /api/campaigns HTTP/1.1", ...about, `Content-Length: ${body.length}`, ...more) + body,
      );
    assert.deepEqual([(await asked()).status, (await asked()).body?.code], [401, "unauthenticated"]);
    const { status } = await asked(`Authorization: Bearer ${await evening.tokenFor("gm")}`);
    assert.equal(status, 201);
    const gone = await exchange(evening.url, head("GET /nothing HTTP/1.1", "Host: x", "Expect: 200-ok"));
    assert.deepEqual([gone.status, gone.body?.code], [404, "not_found"]);
  });
});
