import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import express from "express";
import type { Claims } from "../../src/identity/claims.ts";
import { createLog } from "../../src/ops/log.ts";
import type { Answering, AskedOfSession, AskedSocket, Passage } from "../../src/ports/elsewhere.ts";
import { type Door, JoinRefused } from "../../src/room/door.ts";
import { matchmaking } from "../../src/room/matchmaking.ts";
import type { Reconnections } from "../../src/room/reconnections.ts";
import { upgradeCheck } from "../../src/room/upgrade-check.ts";
import { call } from "../support/http.ts";
import { Listener } from "../support/peers.ts";

const CLAIMS: Claims = { userId: "kim", name: null, roles: [], expiresAt: Number.POSITIVE_INFINITY };

describe("joins and returns to sessions of another process", () => {
  describe("over HTTP", () => {
    const asked: AskedOfSession[] = [];
    /** what becomes of each request that is sent on, in turn */
    let answers: Answering[] = [];
    let listener: Listener;
    before(async () => {
      const door = {
        identify: async (token: string | null | undefined) => {
          if (token !== "good") throw new JoinRefused("unauthenticated");
          return CLAIMS;
        },
      } as unknown as Door;
      const reconnections = {
        prepare: async () => {
          throw new JoinRefused("unavailable");
        },
      } as unknown as Reconnections;
      const forwarding = {
        clientOf: () => undefined,
        proofFor: () => undefined,
        answer: async (one: AskedOfSession, _request: IncomingMessage, response: ServerResponse) => {
          asked.push(one);
          const answering = answers.shift() ?? "here";
          if (answering === "answered") response.end(JSON.stringify({ by: "the host" }));
          return answering;
        },
      };
      const log = createLog("silent", { write: () => undefined });
      const app = express().use(matchmaking({ door, reconnections, log, addressOf: () => "", forwarding }));
      listener = await Listener.begin(app);
    });
    after(() => listener.end());
    beforeEach(() => {
      asked.length = 0;
      answers = [];
    });

    const join = (body: unknown, token = "good") =>
      call(listener.url, "POST", "/matchmake/joinOrCreate/session", { token, body });
    const comeBack = (sessionId: string) =>
      call(listener.url, "POST", `/matchmake/reconnect/${sessionId}`, {
        token: "good",
        body: { reconnectionToken: "r" },
      });

    it("[MP35] the host answers a join and a reconnection, with what was asked", async () => {
      answers = ["answered", "answered"];
      assert.deepEqual((await join({ sessionId: "s", client: "ünity" })).body, { by: "the host" });
      assert.deepEqual((await comeBack("a%2Fb")).body, { by: "the host" });
      assert.deepEqual(
        asked.map(({ sessionId, path, body }) => [sessionId, path, JSON.parse(String(body))]),
        [
          ["s", "/matchmake/joinOrCreate/session", { sessionId: "s", client: "ünity" }],
          ["a/b", "/matchmake/reconnect/a%2Fb", { reconnectionToken: "r" }],
        ],
      );
    });

    it("[MP35] nobody is asked for somebody without a token, in too large a body, or about no session", async () => {
      assert.equal((await join({ sessionId: "s" }, "bad")).status, 401);
      assert.equal((await join({ sessionId: "s", client: "x".repeat(20_000) })).status, 413);
      for (const body of [{}, { sessionId: 7 }, { sessionId: "" }, { sessionId: "x".repeat(65) }, [], "s"])
        await join(body);
      assert.deepEqual(asked, []);
    });

    it("[MP37] where it cannot be opened here, it is asked once more who hosts it", async () => {
      answers = ["here", "answered"];
      assert.deepEqual((await comeBack("s")).body, { by: "the host" });
      answers = ["here", "here"];
      assert.deepEqual((await comeBack("s")).body, { code: 503, error: "unavailable" });
      assert.equal(asked.length, 4);
    });

    it("[MP38] a host that cannot be asked is 503 as any other", async () => {
      answers = ["unavailable"];
      assert.deepEqual((await join({ sessionId: "s" })).body, { code: 503, error: "unavailable" });
    });
  });

  describe("over WebSockets", () => {
    const passage: Passage = { start: () => undefined, abandon: () => undefined };
    let sockets: AskedSocket[] = [];
    let found: Passage | "here" | "unavailable" | Error = passage;
    let isDraining = false;
    let refused: 400 | 403 | undefined;
    const check = upgradeCheck({
      reconnections: {
        connect: async () => ({ room: {}, seatId: "seat", token: "token" }),
      } as unknown as Reconnections,
      refuses: () => refused,
      addressOf: () => "",
      draining: () => isDraining,
      isKnown: async (bearer) => {
        if (bearer === "issuer away") throw new Error("no keys");
        return bearer === "good";
      },
      passingOn: {
        find: async (asked) => {
          sockets.push(asked);
          if (found instanceof Error) throw found;
          return found;
        },
      },
    });
    beforeEach(() => {
      [sockets, found, isDraining, refused] = [[], passage, false, undefined];
    });
    const look = (path: string) => check({} as IncomingMessage, new URL(path, "ws://server"));
    const back = (token: string) => `/p1/s?sessionId=seat&reconnectionToken=r&_authToken=${token}`;

    it("[MP44] a new one names its process, one that comes back its session", async () => {
      const path = "/p2/s?sessionId=seat&_authToken=good";
      assert.deepEqual(await look(path), { passedOn: passage });
      assert.deepEqual(await look(back("good")), { passedOn: passage });
      assert.deepEqual(
        sockets.map(({ isKnown: _, ...asked }) => asked),
        [
          { sessionId: "s", processId: "p2", isReturn: false, path },
          { sessionId: "s", processId: "p1", isReturn: true, path: back("good") },
        ],
      );
    });

    it("[MP44] a page that may not talk to us is refused here, and no other process hears of it", async () => {
      for (const status of [400, 403] as const) {
        refused = status;
        assert.deepEqual(await look("/p2/s?sessionId=seat"), { refused: status });
        assert.deepEqual(await look(back("good")), { refused: status });
      }
      assert.deepEqual(sockets, []);
    });

    it("[MP44] whether a token of ours is brought is asked where something would be looked up, and not before", async () => {
      for (const [token, isKnown] of [
        ["good", true],
        ["bad", false],
        ["", false],
      ] as const) {
        await look(back(token));
        assert.equal(await sockets.at(-1)!.isKnown(), isKnown, token);
      }
      await look(back("issuer away"));
      await assert.rejects(sockets.at(-1)!.isKnown());
    });

    it("[MP38] [MP43] where its process cannot be asked: 503, and who comes back is told to try again", async () => {
      for (const outcome of ["unavailable", new Error("the store is away")] as const) {
        found = outcome;
        assert.deepEqual(await look("/p2/s?sessionId=seat"), { refused: 503 });
        assert.deepEqual(await look(back("good")), { closed: { code: 4010, reason: "host_moved" } });
      }
      found = "here";
      assert.ok("url" in (await look("/p2/s?sessionId=seat")));
      assert.ok("url" in (await look(back("good"))));
    });

    it("[MP68] a process that drains passes on who comes back to a session elsewhere, and takes nobody else", async () => {
      isDraining = true;
      assert.deepEqual(await look(back("good")), { passedOn: passage });
      assert.deepEqual(await look("/p2/s?sessionId=seat&_authToken=good"), { refused: 503 });
      found = "here";
      assert.deepEqual(await look(back("good")), { closed: { code: 4010, reason: "server_restarting" } });
      found = "unavailable";
      assert.deepEqual(await look(back("good")), { closed: { code: 4010, reason: "host_moved" } });
    });
  });
});
