import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { call } from "../support/http.ts";
import { Person } from "../support/people.ts";
import { returnTo } from "../support/raw-return.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

const UNLIMITED = { RATE_JOINS_PER_USER: "0", RATE_JOINS_PER_ADDRESS: "0", GUESTS: "on" };
const MADE_UP_TOKEN = "made-up";

/** The part of a reconnection token that the room looks up. */
const tokenOf = (seat: Seat) => seat.room.reconnectionToken.split(":")[1]!;

describe("who may come back to which seat", function () {
  this.timeout(60_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: UNLIMITED });
  });

  after(async () => await server?.dispose());

  /** Everybody of the threat model's matrix, and the owner ana, who is in. */
  async function table(admission: "open" | "approve" = "open") {
    const evening = await Evening.prepare(server, {
      members: {
        ...{ ana: "player", ben: "player", cut: "player", gone: "player", ban: "player" },
        ...{ waiting: "player", denied: "player", admitted: "player" },
      },
    });
    const other = await Evening.prepare(server, { members: {} });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const held = await evening.person("cut").join(evening.sessionId);
    for (const userId of ["gone", "ban"])
      await (await evening.person(userId).join(evening.sessionId)).room.leave(false);
    await evening.gm.get("POST", `${evening.path}/participants/ban/remove`, { ban: true });
    await evening.gm.get("POST", `${evening.path}/participants/gone/remove`, {});
    // From now on a GM is asked first; who has a place is not.
    await evening.gm.get("PATCH", evening.path, { settings: { admission } });
    for (const userId of ["waiting", "denied", "admitted"]) {
      await evening.person(userId).get("POST", `${evening.path}/knocks`);
    }
    if (admission === "approve") {
      await evening.gm.get("POST", `${evening.path}/knocks/denied/deny`);
      await evening.gm.get("POST", `${evening.path}/knocks/admitted/admit`);
    }
    const invite = await other.invite();
    const guest = await call<{ token: string; userId: string }>(
      server.url,
      "POST",
      `/api/invites/${invite.token}/guest`,
      { body: { name: "Guest" } },
    );
    const strangers = {
      "a member who never was in": evening.person("ben").token,
      "a member who waits to be admitted": evening.person("waiting").token,
      "a member who was denied": evening.person("denied").token,
      "a member who was admitted and never was in": evening.person("admitted").token,
      "somebody who was removed": evening.person("gone").token,
      "somebody who is banned": evening.person("ban").token,
      "a guest of another session": guest.body.token,
      "a stranger": (await Person.of(server, "stranger")).token,
      "an ended token of the owner": (await Person.of(server, "ana", { expiresInSeconds: -5 })).token,
      "a bad token": "not.a.token",
      nobody: undefined,
    };
    return { evening, gm, ana, held, strangers };
  }

  for (const killed of [false, true]) {
    it(`[C24] [V40] nobody but its person, ${killed ? "after" : "before"} a kill`, async () => {
      const { evening, gm, ana, held, strangers } = await table("approve");
      const seatOfAna = ana.room.sessionId;
      const heldSeat = held.room.sessionId;
      const tokens = { right: tokenOf(ana), "of a held seat": tokenOf(held), "made up": MADE_UP_TOKEN };
      await held.room.leave(false);
      await gm.until("cut is away", ({ participants }) => participants.get("cut")?.presence === "disconnected");
      if (killed) {
        await server.kill();
        await server.start();
      }
      const witness = killed ? await evening.gm.join(evening.sessionId) : gm;
      const before = witness.state.participants.get("ana")?.joinedAt;
      const seats = {
        "the owner's": seatOfAna,
        "a held one": heldSeat,
        "made up": `${"x".repeat(32)}${seatOfAna.slice(-6)}`,
        __proto__: "__proto__",
        constructor: "constructor",
        "10 KB": "x".repeat(10_240),
      };
      const { sessionId } = evening;
      for (const [who, bearer] of Object.entries(strangers)) {
        for (const [which, seatId] of Object.entries(seats)) {
          for (const [what, reconnectionToken] of Object.entries(tokens)) {
            const outcome = await returnTo(server, { sessionId, seatId, reconnectionToken, bearer });
            const told = outcome.in ? "in" : `${outcome.code} ${outcome.reason}`;
            assert.ok(!outcome.in && outcome.code >= 4003, `${who}, ${which}, ${what}: ${told}`);
          }
        }
      }
      if (!killed) {
        assert.equal(ana.closing, null, "the owner's socket is untouched");
        await ana.command("set", { path: "shared/x", value: 1 });
      }
      assert.equal(witness.state.participants.get("ana")?.joinedAt, before);
      assert.deepEqual([...witness.state.participants.keys()].sort(), ["ana", "cut", evening.gm.userId].sort());
      // Its own person is in, whatever the seat, as themselves.
      for (const [seatId, userId] of [
        [seatOfAna, "ana"],
        [seatOfAna, "cut"],
      ] as const) {
        const bearer = evening.person(userId).token;
        const reconnectionToken = userId === "ana" ? tokens.right : tokens["of a held seat"];
        const outcome = await returnTo(server, { sessionId, seatId, reconnectionToken, bearer });
        assert.ok(outcome.in, `${userId}: ${JSON.stringify(outcome)}`);
        await witness.until(`${userId} online`, ({ participants }) => participants.get(userId)?.presence === "online");
      }
      await witness.until("both", ({ connections }) => {
        return ["ana", "cut"].every((userId) => connections.get(userId)?.connections === 1);
      });
      assert.equal(witness.state.participants.get("ana")?.role, "player");
    });
  }

  it("[C25] a stranger is told the same of a session that exists and of one that does not", async () => {
    const { evening, ana } = await table();
    const bearer = (await Person.of(server, "nosy")).token;
    const ask = async (sessionId: string, reconnectionToken: string) => {
      const seatId = ana.room.sessionId;
      const overHttp = await call(server.url, "POST", `/matchmake/reconnect/${sessionId}`, {
        token: bearer,
        body: { reconnectionToken },
      });
      const outcome = await returnTo(server, { sessionId, seatId, reconnectionToken, bearer });
      return { overHttp: [overHttp.status, overHttp.body], outcome };
    };
    const there = await ask(evening.sessionId, tokenOf(ana));
    assert.deepEqual(there, await ask("AbCdEfGhIjKlMnOp", tokenOf(ana)));
    assert.deepEqual(there, await ask(evening.sessionId, MADE_UP_TOKEN));
    assert.deepEqual(there.overHttp, [524, { code: 524, error: "expired" }]);
  });

  it("[C26] the seat that somebody has just reserved is no obstacle, and is not taken from them", async () => {
    const { evening, ana } = await table();
    const { sessionId } = evening;
    const reserved = await call<{ sessionId: string }>(server.url, "POST", "/matchmake/joinOrCreate/session", {
      token: evening.person("ben").token,
      body: { sessionId },
    });
    const outcome = await returnTo(server, {
      sessionId,
      seatId: reserved.body.sessionId,
      reconnectionToken: tokenOf(ana),
      bearer: evening.person("ana").token,
    });
    assert.ok(outcome.in);
    const ben = await returnTo(server, {
      sessionId,
      seatId: reserved.body.sessionId,
      reconnectionToken: "none",
      bearer: evening.person("ana").token,
    });
    assert.ok(ben.in, "ana again, in a seat of her own");
    const seat = await evening.person("ben").join(sessionId);
    assert.equal(seat.state.participants.get("ben")?.presence, "online");
  });

  it("[C27] a seat of another schema is refused for good, whoever brings it", async () => {
    const { evening, ana } = await table();
    await server.kill();
    await server.start();
    const outcome = await returnTo(server, {
      sessionId: evening.sessionId,
      seatId: `${ana.room.sessionId.slice(0, -6)}abcdef`,
      reconnectionToken: tokenOf(ana),
      bearer: evening.person("ana").token,
    });
    assert.deepEqual([outcome.in, "code" in outcome && outcome.code], [false, 4003]);
  });

  it("[C28] over HTTP a token of a former life lets its person in, and nobody else", async () => {
    const { evening, ana } = await table();
    const token = ana.room.reconnectionToken;
    await server.kill();
    await server.start();
    const ben = evening.person("ben");
    await assert.rejects(ben.reconnect(token), { code: 524 });
    const back = await evening.person("ana").reconnect(token);
    assert.equal(back.state.participants.get("ana")?.presence, "online");
    const stale = ana.room.reconnectionToken;
    const again = await evening.person("ana").reconnect(back.room.reconnectionToken);
    assert.equal((await back.ended()).code, 4206);
    await again.command("set", { path: "shared/x", value: stale.length });
  });
});

describe("the rates of coming back", function () {
  this.timeout(30_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "5", RATE_JOINS_PER_ADDRESS: "16" } });
  });

  after(async () => await server?.dispose());

  it("[C29] are those of joins, per person and per address", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", ben: "player", cia: "player" } });
    const { sessionId } = evening;
    const outcomes: string[] = [];
    for (const userId of ["ana", "ben", "cia"]) {
      const seat = await evening.person(userId).join(sessionId);
      for (let i = 0; i < 6; i++) {
        const reconnectionToken = `made-up-${i}`;
        const bearer = evening.person(userId).token;
        const outcome = await returnTo(server, { sessionId, seatId: seat.room.sessionId, reconnectionToken, bearer });
        outcomes.push(outcome.in ? "in" : `${outcome.code} ${outcome.reason}`);
        if (outcome.in) outcome.socket.terminate();
      }
    }
    // 5 for each person, the join among them; 16 for the address, refused tries among them: the last person gets what is left
    const isIn = outcomes.map((told) => told === "in");
    assert.deepEqual(isIn.slice(0, 6), [true, true, true, true, false, false]);
    assert.deepEqual(isIn.slice(6, 12), [true, true, true, true, false, false]);
    assert.deepEqual(isIn.slice(12), [true, false, false, false, false, false]);
    for (const told of outcomes) assert.ok(["in", "4010 rate_limited"].includes(told), told);
  });
});
