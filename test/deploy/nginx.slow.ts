import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Client } from "@colyseus/sdk";
import { PROOF_PATH } from "../../src/cluster/peer-proof.ts";
import { MESSAGES_PATH } from "../../src/http/other-rooms.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { hasNginx, Nginx } from "../support/nginx.ts";
import { freePort } from "../support/ports.ts";
import { ServerProcess } from "../support/server.ts";
import { nginxFile, Upstream } from "./nginx-file.ts";

describe("deploy/nginx.conf", function () {
  this.timeout(30_000);
  let nginx: Nginx | undefined;
  before(function () {
    if (!hasNginx()) this.skip();
  });
  afterEach(() => nginx?.dispose());

  it("[MP80] nginx takes it as it is, with its lines for TLS, and with those for a proxy in front", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certificate-"));
    const [key, certificate] = [join(folder, "privkey.pem"), join(folder, "fullchain.pem")];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    execFileSync("openssl", [...made, "-subj", "/CN=table.example", "-keyout", key, "-out", certificate], {
      stdio: "pipe",
    });
    for (const on of [[], ["tls"], ["real_ip"], ["tls", "real_ip"]]) {
      const file = nginxFile([2567, 2568], on).replaceAll("/etc/nginx/tls/", `${folder}/`);
      assert.equal(Nginx.complaints(file), "", on.join());
    }
    assert.match(Nginx.complaints(nginxFile([2567, 2568]).replace("proxy_buffering", "proxy_bufering")), /unknown/);
    const upstream = await Upstream.start((request, response) => response.end(request.headers["x-forwarded-proto"]));
    const { port } = upstream;
    nginx = await Nginx.startWhole(nginxFile([port, port], ["tls"]).replaceAll("/etc/nginx/tls/", `${folder}/`));
    const request = get(nginx.url.replace("http:", "https:"), {
      ca: readFileSync(certificate),
      servername: "table.example",
    });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    assert.equal(await text(answer), "https", "over TLS, with a word of it to the server");
    await nginx.dispose();
    await upstream.close();
    rmSync(folder, { recursive: true });
  });

  describe("in front of a server", () => {
    let server: ServerProcess;
    before(async () => {
      server = await ServerProcess.start({ env: { TRUST_PROXY: "loopback", GUESTS: "on" } });
    });
    after(() => server?.dispose());

    it("[MP81] [MP82] people join, play, watch and ask through it, and its logs hold no token and no query", async () => {
      const evening = await Evening.prepare(server, { members: { pia: "player" } });
      const notFound = (await call(server.url, "GET", "/nowhere")).body;
      const { token } = evening.gm;
      const running = await Nginx.startWhole(nginxFile([server.port, server.port]));
      nginx = running;
      const { url } = running;
      const client = new Client(url);
      client.auth.token = token;
      const room = await client.joinOrCreate("session", { sessionId: evening.sessionId });

      const ticket = await call<{ ticket: string }>(url, "POST", `${evening.path}/stream/tickets`, { token });
      const stream = await fetch(`${url}${evening.path}/stream?ticket=${ticket.body.ticket}`);
      const events = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
      assert.match((await events.read()).value ?? "", /^event: snapshot/);
      const answer = await room.request("command", {
        id: "c1",
        action: "set",
        payload: { path: "shared/a", value: 1 },
      });
      assert.equal((answer as { seq: number }).seq, 1);
      let heard = "";
      while (!heard.includes("event: patch")) heard += (await events.read()).value ?? "";
      assert.match(heard, /"shared\/a"/);

      const invite = (await call<{ token: string; id: string }>(url, "POST", `${evening.path}/invites`, { token }))
        .body;
      assert.equal((await call(url, "GET", `/api/invites/${invite.token}`, { token })).status, 200);
      assert.equal((await fetch(`${url}/invite/${invite.token}?from=chat-QUERY`)).status, 200);
      assert.equal((await fetch(`${url}/API//Invites/${invite.token}/x`)).status, 404);
      const guest = { body: { name: "Gus" } };
      assert.equal((await call(url, "POST", `/api/invites/${invite.token}/guest`, guest)).status, 201);
      const put = { token, body: { role: "spectator" } };
      const member = `/api/campaigns/${evening.campaignId}/members/pia`;
      assert.equal((await call(url, "PUT", member, put)).status, 200);
      assert.equal((await call(url, "PATCH", evening.path, { token, body: { title: "Later" } })).status, 200);
      assert.equal((await call(url, "DELETE", member, { token })).status, 204);
      assert.equal((await call(url, "GET", `${evening.path}/state`, {})).status, 401);
      for (const path of ["/metrics", PROOF_PATH, MESSAGES_PATH, "/internal//x", "/%69nternal/x"]) {
        const { status, body } = await call(url, "GET", path);
        assert.deepEqual([status, body], [404, notFound], path);
      }
      // a body that no server takes, told by the server
      const large = { token, body: { name: "x".repeat(100_000) } };
      assert.deepEqual(
        [413, "payload_too_large"],
        await call(url, "POST", "/api/campaigns", large).then(({ status, body }) => [status, body["code"]]),
      );

      const secrets = [token, ticket.body.ticket, invite.token, room.reconnectionToken.split(":")[1]!, "QUERY"];
      assert.ok(secrets.every((secret) => secret.length > 4));
      await events.cancel();
      await room.leave();
      // an upgrade is written once it has ended
      await eventually("the socket's line", () => running.log("access").includes('"status":101'), 5_000);
      const written = nginx.log("access") + nginx.log("error");
      for (const secret of secrets) assert.ok(!written.includes(secret), `${secret} is in a log`);
      assert.doesNotMatch(written, /\?/);
      assert.match(written, /"path":"\/api\/invites\/\*\/guest","status":201/);
      for (const line of nginx.log("access").trim().split("\n")) JSON.parse(line);
    });
  });

  it("[MP82] [MP86] with no server there, people are told to try again, and no log holds their address", async () => {
    nginx = await Nginx.startWhole(nginxFile([await freePort(), await freePort()]));
    const { url } = nginx;
    const token = "SECRET-TOKEN";
    for (const [method, path] of [
      ["GET", `/1/room?_authToken=${token}`],
      ["GET", `/api/sessions/s/stream?ticket=${token}`],
      ["POST", `/api/sessions/s/start?x=${token}`],
      ["PUT", `/api/campaigns/c/members/m?x=${token}`],
      ["GET", `/api/invites/${token}`],
    ] as const) {
      const { status, headers, body } = await call(url, method, path, { token });
      assert.equal(status, 503, path);
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.equal(headers.get("retry-after"), "1");
      assert.deepEqual([body["code"], body["status"], body["type"]], ["unavailable", 503, "/docs#unavailable"]);
    }
    const join = await call(url, "POST", "/matchmake/joinOrCreate/session", { token, body: {} });
    assert.deepEqual([join.status, join.body], [503, { code: 503, error: "unavailable" }]);
    const large = await call(url, "POST", "/matchmake/joinOrCreate/session", { body: "x".repeat(200_000) });
    assert.deepEqual([large.status, large.body], [413, { code: 413, error: "payload_too_large" }]);
    const written = nginx.log("access") + nginx.log("error");
    assert.match(written, /"status":503/);
    assert.ok(!written.includes(token), written);
  });
});
