import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { exchange, head, type RawAnswer } from "../support/raw-http.ts";
import { Evening } from "./evening.ts";

describe("how a body is framed", () => {
  let evening: Evening;
  let path: string;
  beforeEach(async () => {
    evening = await Evening.begin();
    path = `/api/sessions/${await evening.session(await evening.campaign())}`;
  });
  afterEach(() => evening.end());

  async function send(method: string, on: string, headers: readonly string[], body = ""): Promise<RawAnswer> {
    const token = await evening.tokenFor("gm");
    const lines = [`${method} ${on} HTTP/1.1`, "Host: table.example", `Authorization: Bearer ${token}`, ...headers];
    return await exchange(evening.url, head(...lines) + body);
  }

  const NO_BYTES: readonly [what: string, headers: readonly string[], body: string][] = [
    ["no framing at all", [], ""],
    ["a length of 0", ["Content-Length: 0"], ""],
    ["no chunk", ["Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["no chunk, with a trailer", ["Transfer-Encoding: chunked"], "0\r\nX-Sum: 0\r\n\r\n"],
  ];
  const TYPES: readonly (readonly string[])[] = [
    [],
    ["Content-Type: application/json"],
    ["Content-Type: text/plain"],
    ["Content-Type:"],
    ["Content-Type: application/json; charset=latin1"],
    ["Content-Encoding: gzip"],
    ["Content-Encoding: br", "Content-Type: application/json"],
  ];

  it("[H50] one without bytes counts as {}, however it is framed and whatever type it has", async () => {
    for (const [what, framing, body] of NO_BYTES) {
      for (const type of TYPES) {
        const { status, text } = await send("POST", `${path}/start`, [...framing, ...type], body);
        assert.equal(status, 200, `${what}, ${type.join()}: ${text}`);
      }
    }
  });

  it("[H50] on every method: where fields are needed they are missed, where none are it is carried out", async () => {
    const invite = await evening.invite(path.slice("/api/sessions/".length));
    for (const [what, framing, body] of NO_BYTES) {
      const empty = await send("POST", "/api/campaigns", framing, body);
      assert.deepEqual([empty.status, empty.body.errors?.[0].path], [400, "/name"], what);
      assert.equal((await send("PATCH", path, framing, body)).status, 200, what);
      assert.equal((await send("DELETE", `${path}/invites/${invite.id}`, framing, body)).status, 204, what);
      assert.equal((await send("POST", `${path}/invites`, framing, body)).status, 201, what);
    }
  });

  it("[H6] one with bytes in chunks is judged as any other", async () => {
    const chunked = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    const framing = ["Transfer-Encoding: chunked"];
    const json = "Content-Type: application/json";
    const status = async (headers: readonly string[], text: string) =>
      (await send("POST", "/api/campaigns", [...framing, ...headers], chunked(text))).status;
    assert.equal(await status([json], '{"name":"x"}'), 201);
    assert.equal(await status([`${json}; charset="UTF-8"`], '{"name":"x"}'), 201);
    assert.equal(await status([], '{"name":"x"}'), 415);
    assert.equal(await status([], " "), 415);
    assert.equal(await status(["Content-Type: text/json"], '{"name":"x"}'), 415);
    assert.equal(await status([`${json}; charset=latin1`], '{"name":"x"}'), 415);
    assert.equal(await status([json], " "), 400);
    assert.equal(await status([json], `{"name":"x"}${" ".repeat(65_536)}`), 413);
  });

  it("[H6] one that is encoded is read as what it holds, and counts by that", async () => {
    const send64 = async (coding: string, bytes: Uint8Array): Promise<number> => {
      const authorization = `Bearer ${await evening.tokenFor("gm")}`;
      const headers = { authorization, "content-type": "application/json", "content-encoding": coding };
      const body = new Uint8Array(bytes);
      return (await fetch(`${evening.url}/api/campaigns`, { method: "POST", headers, body })).status;
    };
    assert.equal(await send64("gzip", gzipSync('{"name":"x"}')), 201);
    assert.equal(await send64("gzip", gzipSync(`{"name":"x"}${" ".repeat(1_000_000)}`)), 413);
    assert.equal(await send64("gzip", Buffer.from('{"name":"x"}')), 400);
    assert.equal(await send64("compress", gzipSync('{"name":"x"}')), 415);
  });
});
