import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type LogRecord, RECORD_FORMAT } from "../../src/core/record.ts";
import { factsInto } from "../../src/ops/fact-log.ts";
import { createLog } from "../../src/ops/log.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

function linesOf(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

const CANARY = "canary-";
const canary = (what: string) => `${CANARY}${what}-${randomUUID().slice(0, 8)}`;

function recordWith(kind: "participant.removed" | "session.updated", data: Record<string, string | number>): LogRecord {
  const actor = { userId: "gm", via: "member" } as const;
  const audit = [{ n: 4, at: "2030-05-01T19:00:00.000Z", kind, actor, data, prev: "0", hash: "1" }];
  return { v: RECORD_FORMAT, sessionId: "s1", pos: 9, id: "r", epoch: 1, at: 0, content: { kind: "audit" }, audit };
}

describe("the log", () => {
  it("[O10] takes of a fact's data what it knows, and nothing else", () => {
    const lines: string[] = [];
    const facts = factsInto(createLog("trace", { write: (line) => lines.push(line) }));
    facts.recorded(
      recordWith("participant.removed", { userId: "kim", reason: canary("reason"), later: canary("new") }),
    );
    facts.recorded(recordWith("session.updated", { title: canary("title"), maxParticipants: 3 }));
    const [removed, updated] = linesOf(lines.join(""));
    assert.deepEqual({ ...removed, time: 0 }, {
      level: 30,
      time: 0,
      msg: "participant.removed",
      session: "s1",
      n: 4,
      user: "gm",
      via: "member",
      concerning: "kim",
    } as object);
    assert.equal(updated?.msg, "session.updated");
    assert.ok(!lines.join("").includes(CANARY));
  });

  it("[O11] is as talkative as LOG_LEVEL says", () => {
    const toldAt = (level: "debug" | "info" | "warn" | "silent") => {
      const lines: string[] = [];
      const facts = factsInto(createLog(level, { write: (line) => lines.push(line) }));
      const commands = [{ seq: 1, at: 0, userId: "kim", id: "c1", action: "set", changes: [] }];
      facts.recorded({ ...recordWith("participant.removed", {}), content: { kind: "commands", commands } });
      facts.refused("s1", "kim", "c2", "conflict");
      facts.snapshotSaved("s1", 9, 1.6);
      facts.fenced("s1", 2);
      return linesOf(lines.join("")).map(({ msg }) => msg.split(":")[0]);
    };
    const info = ["participant.removed", "snapshot saved", "fenced"];
    assert.deepEqual(toldAt("debug"), [
      "participant.removed",
      "command accepted",
      "command refused",
      "snapshot saved",
      "fenced",
    ]);
    assert.deepEqual(toldAt("info"), info);
    assert.deepEqual(toldAt("warn"), ["fenced"]);
    assert.deepEqual(toldAt("silent"), []);
  });

  describe("of a server", function () {
    this.timeout(60_000);
    let server: ServerProcess;
    before(async () => {
      server = await ServerProcess.start({ env: { LOG_LEVEL: "trace", GUESTS: "on" } });
    });
    after(() => server?.dispose());

    it("[O12] has a line for every fact, and no content, token, name, title, reason or query string in any", async () => {
      const evening = await Evening.prepare(server, {
        members: { kim: "player" },
        session: { title: canary("title") },
      });
      const { sessionId, path } = evening;
      const gm = await evening.gm.join(sessionId, { client: canary("client") });
      const kim = await evening.person("kim").join(sessionId);

      await gm.command("set", { path: `gm/${canary("key")}`, value: canary("value") });
      const done = await kim.command("set", { path: "shared/door", value: canary("shared") }, { id: "the-command" });
      await kim.refused("set", { path: `gm/${canary("forbidden")}`, value: 1 }, { id: "the-refused" });
      await kim.refused(canary("action"), { [canary("field")]: 1 });
      await kim.refused("set", { path: canary("path"), value: canary("bad") }, { expect: { "shared/door": 99 } });
      await gm.refused("set", { path: "shared/door/below", value: canary("conflict") });
      kim.room.send(canary("type"), canary("message"));
      await kim.room.request("authenticate", { token: canary("token") }).catch(() => undefined);

      const invite = await evening.invite({ label: canary("label"), maxUses: 3 });
      const ivy = await Person.of(server, "ivy", { name: canary("name") });
      const seat = await ivy.join(sessionId, { invite: invite.token });
      const { reconnectionToken } = seat.room;
      await ivy.refusedJoin(sessionId, { client: "x".repeat(65), invite: canary("invite") });
      await (await Person.of(server, "bob")).refusedJoin(sessionId, { invite: canary("invite-of-none") });
      const guest = await call<{ token: string }>(server.url, "POST", `/api/invites/${invite.token}/guest`, {
        body: { name: canary("guest") },
      });
      assert.equal(guest.status, 201);
      const query = canary("query");
      await evening.gm.ask("GET", `${path}/events?after=${query}`);
      await evening.gm.ask("GET", `/api/${canary("no-route")}?${query}=1`);
      await call(server.url, "GET", `/api/invites/${canary("preview")}`, { token: canary("bearer") });
      await fetch(`${server.url}/matchmake/joinOrCreate/session?${query}`, {
        method: "POST",
        body: `{"${canary("body")}`,
      });
      await evening.gm.ask("POST", `${path}/pause`, { reason: canary("pause") });
      await evening.step("resume");
      await evening.gm.get("PATCH", path, { title: canary("second-title") });
      await evening.setMember("kim", "gm");
      kim.room.connection.close(4999, canary("close"));
      await eventually("the drop in the log", () => server.log.includes("participant.dropped"), 5_000);
      await evening.gm.get("POST", `${path}/participants/ivy/remove`, { ban: true, reason: canary("ban") });
      await seat.ended();
      await evening.gm.get("DELETE", `${path}/invites/${invite.id}`);
      await gm.leave();
      await server.kill();
      await server.start();
      await evening.gm.join(sessionId);
      await evening.step("terminate");
      await eventually("the end", () => server.log.includes('"msg":"closed"'), 5_000);

      const lines = linesOf(server.log);
      const told = (msg: string, fields: object) => {
        const found = lines.some((line) => line.msg === msg && Object.entries(fields).every(([k, v]) => line[k] === v));
        assert.ok(found, `${msg} ${JSON.stringify(fields)}`);
      };
      const session = sessionId;
      told("session.created", { session, user: "gm" });
      told("session.started", { session, user: "gm" });
      told("opened", { session, epoch: 1 });
      told("participant.joined", { session, user: "kim", via: "member", role: "player" });
      told("participant.joined", { session, user: "ivy", via: `invite:${invite.id}` });
      told("connected", { session, user: "kim" });
      told("command accepted", {
        session,
        user: "kim",
        command: "the-command",
        seq: done.seq,
        action: "set",
        level: 20,
      });
      told("command refused", { session, user: "kim", command: "the-refused", code: "forbidden", level: 20 });
      told("command refused", { session, user: "kim", code: "unknown_action" });
      told("join refused", { reason: "bad_request" });
      told("join refused", { reason: "not_found" });
      told("invite.created", { session, inviteId: invite.id });
      told("invite.revoked", { session, inviteId: invite.id });
      told("session.paused", { session, user: "gm" });
      told("session.resumed", { session, user: "gm" });
      told("session.updated", { session, user: "gm" });
      told("participant.role", { session, user: "gm", concerning: "kim", role: "gm", was: "player" });
      told("participant.dropped", { session, user: "kim" });
      told("disconnected", { session, user: "kim" });
      told("participant.banned", { session, user: "gm", concerning: "ivy" });
      told("disconnected", { session, user: "ivy", why: "banned" });
      told("participant.left", { session, user: "gm", why: "left" });
      told("snapshot saved", { session });
      told("session.restored", { session, user: null });
      told("opened", { session, epoch: 2 });
      told("session.ended", { session, user: "gm" });
      told("closed", { session, why: "session_ended" });

      const leaks = server.log.match(new RegExp(`.{0,80}${CANARY}[\\w-]*`, "g")) ?? [];
      assert.deepEqual(leaks, []);
      const secrets = {
        "a JWT": evening.gm.token.split(".")[2],
        "a payload of a JWT": ivy.token.split(".")[1],
        "a guest's token": guest.body.token.split(".")[2],
        "the invite's token": invite.token,
        "a reconnection token": reconnectionToken.split(":")[1],
        "the configured secret": server.secret,
      };
      for (const [what, secret] of Object.entries(secrets)) {
        assert.ok(secret !== undefined && secret !== null && secret.length > 5, what);
        assert.ok(!server.log.includes(secret), `${what} is in the log`);
      }
      for (const line of server.log.split("\n")) assert.ok(!/[?&][\w-]+=/.test(line), `a query string: ${line}`);
    });
  });

  it("[O11] of a server says nothing at `silent`, and no request at `warn`", async function () {
    this.timeout(20_000);
    for (const level of ["silent", "warn"]) {
      const server = await ServerProcess.start({ env: { LOG_LEVEL: level } });
      try {
        await Evening.prepare(server);
        assert.equal(server.log, "");
      } finally {
        await server.dispose();
      }
    }
  });
});
