import assert from "node:assert/strict";
import type { Claims } from "../../src/identity/claims.ts";
import type { Closer, MonitoredRooms, RoomDetail } from "../../src/live/room-figures.ts";
import { call } from "../support/http.ts";
import { twoProcesses } from "./behind.ts";
import { Evening, type Loose } from "./evening.ts";

/** Rooms without sockets, and what was closed in them. */
class MadeUpRooms implements MonitoredRooms {
  readonly closed: [roomId: string, sessionId: string, by: Closer][] = [];
  readonly #rooms = new Map<string, RoomDetail>();

  add(roomId: string, campaignId: string): void {
    const people = { online: 1, idle: 0, disconnected: 0, connections: 2 };
    const rates = { commandsPerSecond: 1.5, bytesPerSecond: 7, patchMs: 0.1, commitMs: 2 };
    const panels = { maxClients: 9, locked: false, elapsedTime: 5, processId: "p1", uptimeSeconds: 1 };
    const state = {
      sessionId: roomId,
      campaignId,
      title: "One",
      status: "live",
      statusSince: 1,
      statusBy: "gm",
    } as const;
    this.#rooms.set(roomId, {
      roomId,
      title: "One",
      campaignId,
      status: "live",
      ...people,
      ...rates,
      ...panels,
      stateSize: 3,
      clients: [{ sessionId: "seat", elapsedTime: 3, userId: "kim" }],
      state: { ...state, seq: 0, participants: {}, connections: {} },
    });
  }
  list() {
    return [...this.#rooms.values()].map(({ state: _, stateSize: __, clients, ...room }) => ({
      ...room,
      clients: clients.length,
    }));
  }
  campaignOf(roomId: string) {
    return this.#rooms.get(roomId)?.campaignId;
  }
  find(roomId: string) {
    return this.#rooms.get(roomId);
  }
  disconnect(roomId: string, sessionId: string, by: Closer): boolean {
    if (sessionId !== "seat") return false;
    this.closed.push([roomId, sessionId, by]);
    return true;
  }
}

/** Contract section 11. */
const FIELDS = ["title", "campaign", "status", "online", "idle", "disconnected", "connections", "commandsPerSecond"]
  .concat(["bytesPerSecond", "patchMs", "commitMs", "processId", "uptimeSeconds", "roomId"])
  .concat(["clients", "maxClients", "locked", "elapsedTime"]);
const ROOM = "/monitor/api/room?roomId=";
const kick = (roomId: string) =>
  `/monitor/api/room/call?roomId=${roomId}&method=_forceClientDisconnect&args=${encodeURIComponent('["seat"]')}`;
const OWN = { "sec-fetch-site": "same-origin" };

/** Rooms of another process are shown, looked into and closed like one's own. */
for (const asked of ["its host", "another process"] as const) {
  describe(`the monitor over HTTP, asked at ${asked}`, () => {
    let evening: Evening;
    let end: () => void;
    let rooms: MadeUpRooms;
    let mine: string;
    let theirs: string;
    let campaigns: readonly string[];
    beforeEach(async () => {
      rooms = new MadeUpRooms();
      if (asked === "its host") {
        evening = await Evening.begin({ CORS_ORIGINS: "*" }, { rooms });
        end = () => evening.end();
      } else {
        const two = await twoProcesses({ CORS_ORIGINS: "*" }, { rooms });
        evening = two.host;
        evening.url = two.edge.url;
        end = () => two.end();
      }
      const ids: string[] = [];
      for (const members of [{ kim: "player", co: "gm" }, { other: "gm" }]) {
        const campaignId = await evening.campaign(members);
        ids.push(campaignId);
        const sessionId = await evening.session(campaignId);
        rooms.add(sessionId, campaignId);
      }
      campaigns = ids;
      [mine, theirs] = rooms.list().map(({ roomId }) => roomId) as [string, string];
      await evening.get("gm", "DELETE", `/api/campaigns/${ids[1]}/members/gm`);
    });
    afterEach(() => end());

    const tokenOf = (userId: string, claims: Partial<Claims> = {}) => evening.tokenFor(userId, claims);
    const ticketOf = async (userId: string, claims: Partial<Claims> = {}) => {
      const headers = { authorization: `Bearer ${await tokenOf(userId, claims)}` };
      return await evening.ask<Loose>(null, "POST", "/api/monitor/tickets", { headers });
    };
    const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      fetch(evening.url + path, { method, redirect: "manual", headers });
    const redeem = async (url: string, headers: Record<string, string> = {}) => {
      const answer = await get(url, headers);
      await answer.arrayBuffer();
      return answer;
    };
    const cookieIn = (answer: Response) => /monitor=[^;]+/.exec(answer.headers.get("set-cookie") ?? "")?.[0];
    const cookieOf = async (userId: string, claims: Partial<Claims> = {}) => {
      const { body } = await ticketOf(userId, claims);
      return cookieIn(await redeem(body.url))!;
    };
    const told = async (cookie: string | undefined, path: string, headers: Record<string, string> = OWN) => {
      const answer = await call<Loose>(evening.url, "GET", path, {
        headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
      });
      return answer.body?.code === undefined ? `${answer.status}` : `${answer.status} ${answer.body.code}`;
    };
    const roomsOf = async (cookie: string): Promise<Loose> =>
      (await (await get("/monitor/api", { cookie })).json()) as Loose;

    it("[H108] a ticket is for operators and GMs of any campaign, with its address and its end", async () => {
      const { status, body } = await ticketOf("gm");
      assert.equal(status, 201);
      assert.equal(body.url, `/monitor?ticket=${body.ticket}`);
      assert.match(body.ticket, /^[\w-]{22,}$/);
      assert.equal(Date.parse(body.expiresAt), evening.clock.now() + 30_000);
      assert.equal((await ticketOf("op", { roles: ["operator"] })).status, 201);
      for (const who of ["kim", "nobody"]) assert.equal((await ticketOf(who)).body.code, "forbidden");
      const guest = { guestOf: mine, guestInvite: "i", roles: ["operator"] };
      assert.equal((await ticketOf("guest:1", guest)).body.code, "forbidden");
      assert.equal((await ticketOf("gm", guest)).body.code, "forbidden");
      assert.equal((await evening.ask(null, "POST", "/api/monitor/tickets")).status, 401);
      const soon = await ticketOf("gm", { expiresAt: evening.clock.now() + 5_000 });
      assert.equal(Date.parse(soon.body.expiresAt), evening.clock.now() + 5_000);
    });

    it("[H108] it is swapped once for a cookie, by 303 and without a trace; HEAD and a stream's door use nothing up", async () => {
      const { body } = await ticketOf("gm");
      assert.equal((await get(body.url, {}, "HEAD")).status, 401);
      assert.equal((await get(`/api/sessions/${mine}/stream?ticket=${body.ticket}`)).status, 401);
      const answer = await redeem(body.url);
      assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/monitor/"]);
      assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      const cookie = answer.headers.get("set-cookie")!;
      assert.match(cookie, /^monitor=[\w-]{22,}; Path=\/monitor; Max-Age=900; HttpOnly; SameSite=Strict$/);
      for (let n = 0; n < 2; n++) assert.equal((await redeem(body.url)).status, 401);
      assert.equal(await told(cookieIn(answer), "/monitor/api"), "200");
      const stream = await evening.get("gm", "POST", `/api/sessions/${mine}/stream/tickets`);
      assert.equal(
        (await redeem(`/monitor?ticket=${stream.ticket}`)).status,
        401,
        "a stream's ticket is none of these",
      );
      const past = await ticketOf("gm");
      evening.clock.pass(30_000);
      assert.equal((await redeem(past.body.url)).status, 401);
      const log = evening.logLines.join("\n");
      for (const secret of [body.ticket, past.body.ticket, cookieIn(answer)!.slice("monitor=".length)]) {
        assert.ok(!log.includes(secret));
      }
      for (const evil of [
        "/monitor?ticket=",
        "/monitor?ticket=x",
        "/monitor?ticket=a&ticket=b",
        "/monitor?ticket[a]=b",
      ]) {
        assert.equal((await redeem(evil)).status, 401, evil);
      }
    });

    it("[H108] a hundred who show one ticket at once get one cookie", async () => {
      const { body } = await ticketOf("gm");
      const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(body.url)));
      assert.equal(answers.filter((answer) => answer.headers.has("set-cookie")).length, 1);
    });

    it("[H109] the cookie is `Secure` where the request came by https, as a believed proxy says", async () => {
      const trusting = await Evening.begin({ TRUST_PROXY: "loopback" });
      try {
        await trusting.campaign();
        for (const [proto, secure] of [
          ["https", true],
          ["http", false],
        ] as const) {
          const { url } = await trusting.get("gm", "POST", "/api/monitor/tickets");
          const headers = { "x-forwarded-proto": proto };
          const answer = await fetch(trusting.url + url, { redirect: "manual", headers });
          assert.equal(/; Secure/.test(answer.headers.get("set-cookie") ?? ""), secure, proto);
        }
      } finally {
        trusting.end();
      }
    });

    it("[H109] the cookie slides by its use, 15 minutes at most, and never beyond the token it came from", async () => {
      const cookie = await cookieOf("gm", { expiresAt: evening.clock.now() + 25 * 60_000 });
      assert.equal((await get("/monitor/api", { cookie })).headers.get("set-cookie"), null, "not every use is a write");
      evening.clock.pass(14 * 60_000);
      const slid = await get("/monitor/api", { cookie });
      assert.match(slid.headers.get("set-cookie") ?? "", /Max-Age=660;/);
      evening.clock.pass(10 * 60_000);
      assert.equal(await told(cookie, "/monitor/api"), "200");
      evening.clock.pass(60_000);
      assert.equal(await told(cookie, "/monitor/api"), "401 unauthenticated");
      const unused = await cookieOf("gm");
      evening.clock.pass(15 * 60_000);
      assert.equal(await told(unused, "/monitor/api"), "401 unauthenticated");
      for (const forged of ["monitor=x", "monitor=", "other=1", `${await cookieOf("gm")}x`, "monitor=%00", ";;;=;"]) {
        assert.equal(await told(forged, "/monitor/api"), "401 unauthenticated", forged);
      }
      const good = await cookieOf("gm");
      assert.equal(
        await told(`monitor=forged; ${good}`, "/monitor/api"),
        "200",
        "somebody else's beside it locks nobody out",
      );
    });

    it("[H110] who sees what: nobody, a player, GMs of this and the other campaign, an operator; each path and method", async () => {
      const people = {
        nobody: undefined,
        forged: "monitor=forged",
        "GM of this": await cookieOf("gm"),
        "GM of another": await cookieOf("other"),
        operator: await cookieOf("op", { roles: ["operator"] }),
      };
      const table: [path: string, ...answers: string[]][] = [
        // nobody, forged, GM of this, GM of another, operator
        ["/monitor/api", "401 unauthenticated", "401 unauthenticated", "200", "200", "200"],
        [ROOM + mine, "401 unauthenticated", "401 unauthenticated", "200", "404 not_found", "200"],
        [ROOM + theirs, "401 unauthenticated", "401 unauthenticated", "404 not_found", "200", "200"],
        [`${ROOM}none`, "401 unauthenticated", "401 unauthenticated", ...Array(3).fill("404 not_found")],
        ["/monitor/api/room", "401 unauthenticated", "401 unauthenticated", ...Array(3).fill("404 not_found")],
        [kick(mine), "401 unauthenticated", "401 unauthenticated", "200", "404 not_found", "200"],
        [kick("none"), "401 unauthenticated", "401 unauthenticated", ...Array(3).fill("404 not_found")],
        ["/monitor/assets/monitor.js", "401 unauthenticated", "401 unauthenticated", "200", "200", "200"],
        ["/monitor/assets/none.js", "401 unauthenticated", "401 unauthenticated", ...Array(3).fill("404 not_found")],
        ["/monitor/", "401", "401", "200", "200", "200"],
        ["/monitor/api/", ...Array(5).fill("404 not_found")],
        ["/monitor/nothing", ...Array(5).fill("404 not_found")],
      ];
      for (const [path, ...answers] of table) {
        for (const [i, cookie] of Object.values(people).entries()) {
          assert.equal(await told(cookie, path), answers[i], `${path}: ${Object.keys(people)[i]}`);
        }
        for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          const answer = await get(path, { cookie: people.operator, origin: "https://evil.example" }, method);
          assert.equal(answer.status, 405, `${method} ${path}`);
          for (const name of answer.headers.keys()) assert.doesNotMatch(name, /^access-control/);
        }
      }
      assert.deepEqual(
        (await roomsOf(people["GM of this"])).rooms.map(({ roomId }: Loose) => roomId),
        [mine],
      );
      assert.deepEqual(
        (await roomsOf(people["GM of another"])).rooms.map(({ roomId }: Loose) => roomId),
        [theirs],
      );
      assert.equal((await roomsOf(people.operator)).rooms.length, 2);
      assert.equal((await get("/monitor", { cookie: people.operator })).headers.get("location"), "/monitor/");
      assert.equal((await get("/monitor")).status, 401);
      // A path of the panel asked for by the token instead of the cookie.
      const headers = { authorization: `Bearer ${await tokenOf("op", { roles: ["operator"] })}` };
      assert.equal((await get("/monitor/api", headers)).status, 401);
    });

    it("[H111] role and membership are those of the moment: demoted to one campaign less, to none, taken out; an operator stays one", async () => {
      const [first] = campaigns;
      const cookie = await cookieOf("co");
      assert.equal((await roomsOf(cookie)).rooms.length, 1);
      await evening.get("gm", "PUT", `/api/campaigns/${campaigns[0]}/members/co`, { role: "player" });
      for (const path of ["/monitor/api", ROOM + mine, kick(mine), "/monitor/assets/monitor.js"]) {
        assert.equal(await told(cookie, path), "403 forbidden", path);
      }
      assert.equal((await get("/monitor/", { cookie })).status, 403);
      await evening.get("gm", "PUT", `/api/campaigns/${first}/members/co`, { role: "gm" });
      assert.equal(await told(cookie, ROOM + mine), "200");
      const own = await evening.get("co", "POST", "/api/campaigns", { name: "Mine" });
      await evening.get("gm", "DELETE", `/api/campaigns/${first}/members/co`);
      assert.deepEqual([await told(cookie, "/monitor/api"), await told(cookie, ROOM + mine)], ["200", "404 not_found"]);
      assert.ok(own.id);
      assert.equal(rooms.closed.length, 0);
    });

    it("[H111] who is demoted while the store is slow is shown nothing and closes nothing", async () => {
      for (const path of ["/monitor/api", ROOM + mine, kick(mine)]) {
        await evening.get("gm", "PUT", `/api/campaigns/${campaigns[0]}/members/co`, { role: "gm" });
        const cookie = await cookieOf("co");
        const { campaigns: store } = evening.stores;
        const ledBy = store.ledBy;
        const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        store.ledBy = async (...asked) => {
          const page = await ledBy(...asked);
          arrived.resolve();
          await released.promise;
          return page;
        };
        const asked = told(cookie, path);
        await arrived.promise;
        store.ledBy = ledBy;
        await evening.get("gm", "PUT", `/api/campaigns/${campaigns[0]}/members/co`, { role: "player" });
        released.resolve();
        assert.equal(await asked, "403 forbidden", path);
      }
      assert.equal(rooms.closed.length, 0);
    });

    it("[H112] [MP47] what the panel wants of all rooms and of one; a GM is told nothing of the machine", async () => {
      const [gm, operator] = [await cookieOf("gm"), await cookieOf("op", { roles: ["operator"] })];
      const ofGm = await roomsOf(gm);
      assert.deepEqual([ofGm.connections, ofGm.cpu, ofGm.memory], [2, null, null]);
      const [room] = ofGm.rooms;
      for (const column of [...ofGm.columns, ...FIELDS]) assert.ok(room[column] !== undefined, column);
      assert.equal(room.campaign, "The Sunken Keep");
      assert.deepEqual([room.roomId, room.clients, room.processId], [mine, 1, "p1"]);
      const ofAll = await roomsOf(operator);
      assert.equal(ofAll.connections, 4);
      assert.ok(
        typeof ofAll.cpu === "number" &&
          ofAll.memory.rssMb > 0 &&
          ofAll.memory.processId === (asked === "its host" ? "p1" : "p2"),
      );
      const one = (await (await get(ROOM + mine, { cookie: gm })).json()) as Loose;
      assert.deepEqual(one.clients, [{ sessionId: "seat", elapsedTime: 3, userId: "kim" }]);
      assert.deepEqual([one.state.sessionId, one.campaign, one.maxClients], [mine, "The Sunken Keep", 9]);
    });

    it("[H113] of all calls one works, from the panel's own pages alone; each refusal is logged without what was asked", async () => {
      const cookie = await cookieOf("gm");
      for (const site of ["same-site", "cross-site", "none", "", undefined]) {
        const headers = site === undefined ? {} : { "sec-fetch-site": site };
        assert.equal(await told(cookie, kick(mine), headers as Record<string, string>), "403 forbidden", site);
      }
      const query = (method: string, args: string) =>
        `/monitor/api/room/call?roomId=${mine}&method=${encodeURIComponent(method)}&args=${encodeURIComponent(args)}`;
      for (const method of [
        "disconnect",
        "broadcast",
        "_sendMessageToClient",
        "_editStateProperty",
        "__proto__",
        "",
        "x\ny",
      ]) {
        assert.equal(await told(cookie, query(method, "[]")), "403 forbidden", method);
      }
      for (const args of ["", "{}", "null", "[]", "[1]", '["seat","seat"]', "[[]]", '["seat"']) {
        assert.equal(await told(cookie, query("_forceClientDisconnect", args)), "400 bad_request", args);
      }
      assert.equal(await told(cookie, query("_forceClientDisconnect", '["nobody"]')), "404 not_found");
      assert.equal((await get(kick(mine), { cookie, ...OWN }, "HEAD")).status, 200);
      assert.equal(rooms.closed.length, 0);
      assert.equal(await told(cookie, kick(mine)), "200");
      assert.equal(await told(await cookieOf("op", { roles: ["operator"] }), kick(mine)), "200");
      const operatorAndMember = await cookieOf("kim", { roles: ["operator"] });
      assert.equal(await told(operatorAndMember, kick(mine)), "200");
      assert.deepEqual(rooms.closed, [
        [mine, "seat", { userId: "gm", via: "member" }],
        [mine, "seat", { userId: "op", via: "system" }],
        [mine, "seat", { userId: "kim", via: "member" }],
      ]);
      const refused = evening.logLines.filter((line) => line.includes("remote call was refused"));
      assert.equal(refused.length, 5 - 2 + 7, "a page of elsewhere is turned away before that");
      assert.ok(!evening.logLines.some((line) => /_editStateProperty|broadcast|_force/.test(line)));
    });

    it("[H114] pages of other sites and siblings get nothing, and no answer has a CORS header", async () => {
      const cookie = await cookieOf("gm");
      for (const path of [
        "/monitor",
        "/monitor/",
        "/monitor/api",
        ROOM + mine,
        kick(mine),
        "/monitor/assets/monitor.js",
      ]) {
        for (const [site, origin] of [
          ["same-site", "http://sibling.example"],
          ["cross-site", "https://evil.example"],
        ] as const) {
          const answer = await get(path, { cookie, origin, "sec-fetch-site": site });
          if (path.startsWith("/monitor/api")) assert.equal(answer.status, 403, path);
          for (const name of answer.headers.keys()) assert.doesNotMatch(name, /^access-control/, `${path} ${name}`);
          assert.equal(answer.headers.get("cross-origin-resource-policy"), "same-origin");
        }
        const preflight = await get(
          path,
          { origin: "https://evil.example", "access-control-request-method": "GET" },
          "OPTIONS",
        );
        assert.equal(preflight.status, 405);
        for (const name of preflight.headers.keys()) assert.doesNotMatch(name, /^access-control/);
      }
      assert.equal(rooms.closed.length, 0);
    });

    it("[H115] the page on which one signs in says no more than that, and loads nothing from elsewhere", async () => {
      const answer = await get("/monitor/", { cookie: "monitor=stale" });
      assert.equal(answer.status, 401);
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|https?:/);
      const text = await answer.text();
      assert.match(text, /Sign in/);
      assert.doesNotMatch(text, /(src|href)="https?:/);
      const panel = await get("/monitor/", { cookie: await cookieOf("gm") });
      const page = await panel.text();
      assert.doesNotMatch(page, /https?:\/\//);
      assert.match(
        panel.headers.get("content-security-policy") ?? "",
        /script-src 'self'; style-src 'self' 'unsafe-inline'/,
      );
      const cookie = await cookieOf("gm");
      for (const [, path] of page.matchAll(/"\.\/(assets\/[^"]+)"/g)) {
        const asset = await get(`/monitor/${path}`, { cookie });
        assert.equal(asset.status, 200, path);
        assert.ok((await asset.arrayBuffer()).byteLength > 0);
      }
    });
  });
}
