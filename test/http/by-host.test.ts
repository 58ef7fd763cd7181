import assert from "node:assert/strict";
import { PeerProof } from "../../src/cluster/peer-proof.ts";
import { routesFor } from "../../src/http/table.ts";
import { eventually } from "../support/eventually.ts";
import { CLUSTER_SECRET } from "../support/peers.ts";
import { exchange, head } from "../support/raw-http.ts";
import { type Two, twoProcesses } from "./behind.ts";
import { Reading } from "./reading.ts";

describe("routes about a session, on a process that does not host it", () => {
  let two: Two;
  let sessionId: string;
  before(async () => {
    two = await twoProcesses({ RATE_WRITES: "0" });
    const campaignId = await two.edge.campaign({ player: "player" });
    sessionId = await two.edge.session(campaignId);
  });
  after(() => two.end());
  beforeEach(() => {
    two.outcomes.length = 0;
  });

  it("[MP35] every route whose path names a session, an invite or a room says so", () => {
    const about = /:sessionId|\/invites\/:token|\/monitor\/api\/room/;
    const pages = /^\/(console|play)\//;
    for (const { path, method, session } of routesFor({ devLogin: true })) {
      if (pages.test(path)) continue;
      assert.equal(session !== undefined, about.test(path), `${method} ${path}`);
    }
  });

  it("[MP35] what is done and read by way of one process happens on the other", async () => {
    await two.edge.get("gm", "POST", `/api/sessions/${sessionId}/start`);
    await two.edge.get("gm", "POST", `/api/sessions/${sessionId}/pause`, { reason: "tea" });
    assert.equal((await two.edge.get("player", "GET", `/api/sessions/${sessionId}`)).status, "paused");
    assert.equal((await two.host.get("player", "GET", `/api/sessions/${sessionId}`)).status, "paused");
    assert.ok(two.host.hosting.running(sessionId) !== undefined);
    assert.equal(two.edge.hosting.running(sessionId), undefined);
    assert.deepEqual(two.outcomes, ["answered", "answered", "answered"]);
  });

  it("[MP35] who has no token, or uses another method, is refused where they ask, and nothing is sent on", async () => {
    const before = two.host.requests;
    assert.equal((await two.edge.ask(null, "GET", `/api/sessions/${sessionId}`)).status, 401);
    assert.equal((await two.edge.ask(null, "POST", `/api/sessions/${sessionId}/pause`)).status, 401);
    assert.equal((await two.edge.ask("gm", "PUT", `/api/sessions/${sessionId}/state`)).status, 405);
    const large = { body: { reason: "x".repeat(70_000) } };
    assert.equal((await two.edge.ask("gm", "POST", `/api/sessions/${sessionId}/pause`, large)).status, 413);
    assert.equal(two.host.requests, before);
  });

  it("[MP33] a path that is none of a route's leads to no other route of the host", async () => {
    const token = await two.edge.tokenFor("gm");
    const ask = async (target: string) =>
      (await exchange(two.edge.url, head(`GET ${target} HTTP/1.1`, "Host: a", `Authorization: Bearer ${token}`)))
        .status;
    const known = `/api/sessions/${sessionId}`;
    assert.equal(await ask(`http://evil.example${known}`), 200, "the absolute form means the path in it");
    assert.equal(await ask(`//evil.example${known}`), 404);
    assert.equal(await ask(`${known}/../../../metrics`), 404);
    assert.equal(await ask(`${known}%2F..%2F..%2F..%2Fmetrics`), 404);
    assert.equal(await ask(`${known}?a=/../x#y`), 200);
  });

  it("[MP30] an invite's link is by the host that the client named, and guests count by the client's address", async () => {
    const ask = (forwarded: string, path: string, body: object, more: object = {}) =>
      two.edge.ask("gm", "POST", path, { body, headers: { "x-forwarded-for": forwarded, ...more } });
    const made = await ask(
      "198.51.100.4",
      `/api/sessions/${sessionId}/invites`,
      { maxUses: 500 },
      {
        "x-forwarded-host": "table.example",
        "x-forwarded-proto": "https",
      },
    );
    assert.equal(made.status, 201);
    assert.ok(made.body.url.startsWith("https://table.example/invite/"), made.body.url);
    const guest = (address: string) => ask(address, `/api/invites/${made.body.token}/guest`, { name: "Gil" });
    for (let i = 0; i < 20; i++) assert.equal((await guest("198.51.100.4")).status, 201);
    assert.equal((await guest("198.51.100.4")).status, 429);
    assert.equal((await guest("198.51.100.5")).status, 201, "another client");
    // The host has counted the same.
    two.edge.clock.pass(0);
    const direct = await two.host.ask(null, "POST", `/api/invites/${made.body.token}/guest`, { body: { name: "Gil" } });
    assert.equal(direct.status, 201, "nobody is counted as the process in between");
  });

  it("[MP30] [MP34] pages, schemes and hosts are judged by what the client said, not by how the host is reached", async () => {
    const ask = (origin: string, proto: string) =>
      two.edge.ask("gm", "GET", `/api/sessions/${sessionId}`, {
        headers: { origin, "x-forwarded-host": "table.example", "x-forwarded-proto": proto },
      });
    const told = async (origin: string, proto: string) => {
      const { headers } = await ask(origin, proto);
      return [headers.get("access-control-allow-origin"), headers.get("strict-transport-security") !== null];
    };
    assert.deepEqual(await told("https://table.example", "https"), ["https://table.example", true]);
    assert.deepEqual(await told("http://table.example", "http"), ["http://table.example", false]);
    assert.deepEqual(await told("http://table.example", "https"), [null, true]);
    assert.deepEqual(
      await told(two.host.url, "https"),
      [null, true],
      "the address between processes is nobody's origin",
    );
    assert.equal((await ask("https://table.example", "https")).headers.get("vary")?.includes("Origin"), true);
  });

  it("[MP40] a stream is the host's, by a token and by a ticket", async () => {
    const token = await two.edge.tokenFor("player");
    const reading = await Reading.open(two.edge, sessionId, { token });
    await eventually("the snapshot", () => reading.events[0]?.name === "snapshot");
    await two.host.get("gm", "POST", `/api/sessions/${sessionId}/resume`);
    await eventually("the status", () => reading.events.some(({ name }) => name === "status"));
    assert.deepEqual(reading.headers.get("x-accel-buffering"), "no");
    reading.close();
    const { ticket } = await two.edge.get("player", "POST", `/api/sessions/${sessionId}/stream/tickets`);
    const byTicket = await Reading.open(two.edge, sessionId, { ticket });
    await eventually("the snapshot", () => byTicket.events[0]?.name === "snapshot");
    byTicket.close();
  });

  it("[MP46] a list says who is online in sessions of other processes", async () => {
    const { campaignId } = await two.edge.get("gm", "GET", `/api/sessions/${sessionId}`);
    await two.host.join(sessionId, "player");
    const { items } = await two.edge.get("player", "GET", `/api/campaigns/${campaignId}/sessions`);
    assert.equal(items[0].online, 1);
    const asked = await two.edge.ask("gm", "POST", `/api/campaigns/${campaignId}/sessions`, { body: { title: "Two" } });
    assert.equal(asked.body.online, 0);
  });

  it("[MP46] what processes ask one another is 404 for everybody else, whatever they sign it with", async () => {
    const stranger = new PeerProof("another secret", "p1", two.host.url, two.host.clock);
    const ours = new PeerProof(CLUSTER_SECRET, "p2", two.edge.url, two.host.clock);
    const body = Buffer.from(JSON.stringify([sessionId]));
    const ask = async (header: string | undefined, sent = body, path = "/internal/online") => {
      const headers = { "content-type": "application/json", ...(header && { "x-process-asking": header }) };
      return (await fetch(two.host.url + path, { method: "POST", headers, body: sent })).status;
    };
    assert.equal(await ask(undefined), 404);
    assert.equal(await ask("a.b"), 404);
    assert.equal(await ask(stranger.asking("p1", 0, "/internal/online", body)), 404);
    assert.equal(await ask(ours.asking("p3", 0, "/internal/online", body)), 404, "for another process");
    assert.equal(await ask(ours.asking("p1", 0, "/internal/rooms", body)), 404, "for another question");
    assert.equal(await ask(ours.asking("p1", 0, "/internal/online", body), Buffer.from("[]")), 404, "another body");
    assert.equal(await ask(ours.asking("p1", -31_000, "/internal/online", body)), 404, "too old");
    assert.equal(await ask(ours.asking("p1", 0, "/internal/online", body)), 200);
  });

  it("[MP36] the path at which processes prove themselves is 404 for everybody else", async () => {
    for (const url of [two.edge.url, two.host.url]) {
      const told = await exchange(
        url,
        head("POST /internal/proof HTTP/1.1", "Host: a", "X-Process-Challenge: a.b", "Content-Length: 0"),
      );
      const plain = await exchange(url, head("POST /internal/proof HTTP/1.1", "Host: a", "Content-Length: 0"));
      assert.equal(told.status, 404);
      assert.equal(told.text, plain.text);
    }
  });

  it("[MP38] a host that cannot be asked is 503 as any other, with Retry-After", async () => {
    const asked = two.hosts.hostOf;
    two.hosts.hostOf = async () => ({ processId: "p1", internalUrl: two.edge.url, publicAddress: null });
    const answer = await two.edge.ask("gm", "GET", `/api/sessions/${sessionId}`);
    two.hosts.hostOf = asked;
    assert.deepEqual([answer.status, answer.body.code, answer.headers.get("retry-after")], [503, "unavailable", "1"]);
  });

  it("[MP33] no token, ticket or query is in a log of either", async () => {
    const token = await two.edge.tokenFor("player");
    await two.edge.ask("player", "GET", `/api/sessions/${sessionId}/events?limit=17`);
    for (const { logLines } of [two.edge, two.host]) {
      assert.ok(logLines.length > 0);
      for (const line of logLines)
        assert.ok(!line.includes(token) && !line.includes("limit=17") && !line.includes("198.51"));
    }
  });
});
