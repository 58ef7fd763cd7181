import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client } from "@colyseus/sdk";
import { Evening } from "../support/evening.ts";
import { hasNginx, Nginx } from "../support/nginx.ts";
import { exchange, head } from "../support/raw-http.ts";
import { ServerProcess } from "../support/server.ts";

const WEBSOCKET = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** The lines of docs/operations.md for a server at some port: those of `http`, and those of `server`. */
function documented(port: number): [http: string, server: string] {
  const text = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const [, lines] = /```nginx\n(.*?)```/s.exec(text) ?? [];
  assert.ok(lines !== undefined, "the documentation has nginx lines");
  const at = lines.indexOf("location /");
  assert.ok(at > 0 && lines.includes("http://127.0.0.1:2567;"));
  return [lines.slice(0, at), lines.slice(at).replace("127.0.0.1:2567", `127.0.0.1:${port}`)];
}

describe("behind nginx as documented, on a port that is not 443", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let nginx: Nginx;
  before(async function () {
    if (!hasNginx()) return this.skip();
    server = await ServerProcess.start({ env: { TRUST_PROXY: "loopback" } });
    nginx = await Nginx.start(...documented(server.port));
  });
  after(async () => {
    await nginx?.dispose();
    await server?.dispose();
  });

  it("[H142] pages that came through it may ask by HTTP and by WebSocket, others may not", async () => {
    const { host } = new URL(nginx.url);
    for (const [origin, isOurs] of [
      [nginx.url, true],
      ["http://127.0.0.1", false],
      [server.url, false],
      ["https://evil.example", false],
    ] as const) {
      const lines = [`Host: ${host}`, `Origin: ${origin}`];
      const asked = await exchange(nginx.url, head("GET /healthz HTTP/1.1", ...lines));
      assert.equal(asked.headers["access-control-allow-origin"], isOurs ? origin : undefined, origin);
      const socket = await exchange(nginx.url, head("GET /no/room HTTP/1.1", ...WEBSOCKET, ...lines));
      assert.equal(socket.status, isOurs ? 101 : 403, origin);
    }
  });

  it("[H142] the official SDK plays through it, a stream comes as it is written, and an invite leads back to it", async () => {
    const evening = await Evening.prepare(server);
    const { token } = evening.gm;
    const client = new Client(nginx.url);
    client.auth.token = token;
    const room = await client.joinOrCreate("session", { sessionId: evening.sessionId });
    const stream = await fetch(`${nginx.url}${evening.path}/stream`, { headers: { authorization: `Bearer ${token}` } });
    const events = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await events.read()).value ?? "", /^event: snapshot/);
    await room.request("command", { id: "1", action: "set", payload: { path: "shared/a", value: 1 } });
    let heard = "";
    while (!heard.includes("event: patch")) heard += (await events.read()).value ?? "";
    assert.match(heard, /"shared\/a"/);
    await events.cancel();
    await room.leave();
    const invite = await fetch(`${nginx.url}${evening.path}/invites`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    const { url } = (await invite.json()) as { url: string };
    assert.ok(url.startsWith(`${nginx.url}/invite/`), url);
  });
});
