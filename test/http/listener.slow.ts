import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Person } from "../support/people.ts";
import { answerOf, dial, exchange, head, type RawAnswer } from "../support/raw-http.ts";
import { ServerProcess } from "../support/server.ts";

const WEBSOCKET = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** A page of an app that is no website. */
const LISTED = "capacitor://localhost";

/** Everything that comes until the connection ends, or for so long. */
async function heard(socket: Socket, withinMs: number): Promise<{ readonly text: string; readonly closed: boolean }> {
  let text = "";
  let closed = false;
  socket.setEncoding("latin1").on("data", (some: string) => {
    text += some;
  });
  const ended = once(socket, "close").then(() => {
    closed = true;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([ended, late]);
  clearTimeout(timer);
  socket.destroy();
  return { text, closed };
}

describe("the listener", () => {
  let server: ServerProcess;
  before(async function () {
    this.timeout(20_000);
    server = await ServerProcess.start({
      env: { TRUST_PROXY: "loopback", GUESTS: "on", KEEP_ALIVE_SECONDS: "1", CORS_ORIGINS: LISTED },
    });
  });
  after(async () => server.dispose());

  const upgrade = (headers: readonly string[], path = "/"): Promise<RawAnswer> =>
    exchange(server.url, head(`GET ${path} HTTP/1.1`, ...WEBSOCKET, ...headers));

  it("[H51] a WebSocket is let in from the pages that HTTP lets ask, and from no others", async () => {
    for (const headers of [
      ["Host: 127.0.0.1:2567", "X-Forwarded-Host: table.example", "Origin: https://table.example"],
      ["Host: table.example:443", "Origin: https://table.example"],
      ["Host: table.example:8443", "Origin: https://table.example:8443"],
      ["Host: table.example:8443", "Origin: https://table.example"],
      ["Host: table.example", "Origin: https://evil.example"],
      ["Host: table.example", "X-Forwarded-Proto: https", "Origin: http://table.example"],
      ["Host: table.example", "X-Forwarded-Proto: https", "Origin: https://table.example"],
      ["Host: table.example", "Origin: null"],
      ["Host: table.example", `Origin: ${LISTED}`],
      ["Host: table.example", "Origin: capacitor://elsewhere"],
    ]) {
      const asked = head("GET /api/campaigns HTTP/1.1", ...headers);
      const isAllowed = (await exchange(server.url, asked)).headers["access-control-allow-origin"] !== undefined;
      assert.equal((await upgrade(headers)).status, isAllowed ? 101 : 403, headers.join());
    }
    assert.equal((await upgrade(["Host: table.example", `Origin: ${LISTED}`])).status, 101, "one that is listed");
    assert.equal((await upgrade(["Host: table.example"])).status, 101, "no page at all");
  });

  it("[H55] an upgrade that is not to a WebSocket is ignored, and the request answered", async () => {
    const token = await server.tokenFor("kim");
    const more = [
      "Host: x",
      `Authorization: Bearer ${token}`,
      "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    ];
    for (const upgrading of [
      ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"],
      ["Connection: upgrade", "Upgrade: h2c"],
      ["Connection: Upgrade", "Upgrade: TLS/1.0"],
      ["Connection: Upgrade", "Upgrade: h2c, websocket"],
      ["Connection: Upgrade", "Upgrade:"],
    ]) {
      const got = await exchange(server.url, head("GET /api/campaigns HTTP/1.1", ...more, ...upgrading));
      assert.deepEqual([got.status, got.body?.items], [200, []], upgrading.join());
      const body = '{"name":"By h2c"}';
      const type = ["Content-Type: application/json", `Content-Length: ${body.length}`];
      const wrong = await exchange(
        server.url,
        head("POST /api/campaigns HTTP/1.1", ...more, ...upgrading, ...type) + body.replace("name", "nome"),
      );
      assert.deepEqual([wrong.status, wrong.body?.code], [400, "bad_request"], upgrading.join());
      const join = await exchange(
        server.url,
        head("POST /matchmake/joinOrCreate/session HTTP/1.1", ...more, ...upgrading, "Content-Length: 2").concat("{}"),
      );
      assert.deepEqual([join.status, join.body?.error], [400, "bad_request"], upgrading.join());
    }
    assert.equal((await upgrade(["Host: x"])).status, 101, "and one that is goes through");
  });

  it("[H54] a Host that is none is 400, with a line in the log that has no query", async () => {
    const secret = "canary-in-a-query";
    for (const hosts of [["Host: [::::]:x"], ["Host:"], ["Host: a", "Host: b"], ["Host: a/b"], ["Host: u:p@a"], []]) {
      for (const [what, asked] of [
        ["a request", head(`GET /healthz?${secret}=1 HTTP/1.1`, ...hosts)],
        ["an upgrade", head(`GET /p/r?sessionId=${secret} HTTP/1.1`, ...WEBSOCKET, ...hosts)],
      ] as const) {
        const before = server.log.length;
        assert.equal((await exchange(server.url, asked)).status, 400, `${what} with ${hosts.join()}`);
        const lines = () => server.log.slice(before).split("\n").slice(0, -1);
        while (lines().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        const [line = "", ...rest] = lines();
        assert.deepEqual(rest, [], "one line");
        assert.deepEqual([JSON.parse(line).status, line.includes(secret)], [400, false]);
      }
    }
    const problem = await exchange(server.url, head("GET /healthz HTTP/1.1", "Host: [::::]:x"));
    assert.deepEqual(
      [problem.body.code, problem.headers["content-type"]?.split(";")[0]],
      ["bad_request", "application/problem+json"],
    );
    assert.equal((await exchange(server.url, head("GET /healthz HTTP/1.0"))).status, 200, "HTTP/1.0 needs none");
    assert.ok(!server.log.includes(secret));
    assert.ok(!server.log.includes("TypeError"));
  });

  it("[H57] Strict-Transport-Security is sent over https alone", async () => {
    const sent = async (...headers: string[]) =>
      (await exchange(server.url, head("GET /healthz HTTP/1.1", "Host: x", ...headers))).headers[
        "strict-transport-security"
      ];
    assert.equal(await sent(), undefined);
    assert.equal(await sent("X-Forwarded-Proto: http"), undefined);
    assert.match((await sent("X-Forwarded-Proto: https")) ?? "", /^max-age=\d+$/);
  });

  it("[H56] guests behind one address share its limit, whatever its ports and however it is written", async function () {
    this.timeout(20_000);
    const gm = await Person.of(server, "gm");
    const campaign = await gm.get<{ id: string }>("POST", "/api/campaigns", { name: "C" });
    const session = await gm.get<{ id: string }>("POST", `/api/campaigns/${campaign.id}/sessions`, { title: "S" });
    const invite = await gm.get<{ token: string }>("POST", `/api/sessions/${session.id}/invites`, { maxUses: 500 });
    const guest = async (forwarded: string): Promise<number> => {
      const body = '{"name":"Ann"}';
      const lines = ["Host: x", `X-Forwarded-For: ${forwarded}`, "Content-Type: application/json"];
      const path = `/api/invites/${invite.token}/guest`;
      return (
        await exchange(server.url, head(`POST ${path} HTTP/1.1`, ...lines, `Content-Length: ${body.length}`) + body)
      ).status;
    };
    const letIn = async (addresses: readonly string[]): Promise<number> => {
      let count = 0;
      for (const address of addresses) if ((await guest(address)) === 201) count++;
      return count;
    };
    const many = Array.from({ length: 24 }, (_, i) => i + 1);
    assert.equal(await letIn(many.map((i) => `198.51.100.4:${4_000 + i}`)), 20);
    assert.equal(await letIn(["198.51.100.4", "::ffff:198.51.100.4", "[::ffff:c633:6404]:80"]), 0);
    assert.equal(await letIn(many.map((i) => `2001:db8:0:7::${i.toString(16)}`)), 20);
    assert.equal(await letIn(["198.51.100.5", "2001:db8:0:8::1"]), 2);
  });

  it("[H58] an idle connection is kept for KEEP_ALIVE_SECONDS, and longer than a head may take", async function () {
    this.timeout(30_000);
    const asked = head("GET /healthz HTTP/1.1", "Host: x");
    const socket = await dial(server.url);
    socket.write(asked);
    const { text, closed } = await heard(socket, 10_000);
    assert.ok(closed, "after a second");
    assert.equal(answerOf(text).headers["keep-alive"], "timeout=1");

    const patient = await ServerProcess.start({ env: { KEEP_ALIVE_SECONDS: "" } });
    try {
      const kept = await dial(patient.url);
      let received = "";
      kept.setEncoding("latin1").on("data", (some: string) => {
        received += some;
      });
      kept.write(asked);
      await new Promise((resolve) => setTimeout(resolve, 14_000));
      assert.equal(answerOf(received).headers["keep-alive"], "timeout=65");
      received = "";
      kept.write(asked);
      while (!received.includes("\r\n\r\n")) await once(kept, "data");
      assert.equal(answerOf(received).status, 200);
      kept.destroy();
    } finally {
      await patient.dispose();
    }
  });
});
