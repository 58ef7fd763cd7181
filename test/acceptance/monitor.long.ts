import assert from "node:assert/strict";
import { SessionRoom } from "../../src/room/session-room.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { Person } from "../support/people.ts";
import { Random } from "../support/random.ts";
import { ServerProcess } from "../support/server.ts";

// biome-ignore lint/suspicious/noExplicitAny: the panel's JSON is looked into field by field
type Loose = any;

const OWN = { "sec-fetch-site": "same-origin" };
const CANARY = "CANARY";

describe("the monitor on a server", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start({ env: { LOG_LEVEL: "trace" } });
  });
  after(() => server.dispose());

  const get = (path: string, cookie: string | undefined, headers: Record<string, string> = OWN) =>
    call<Loose>(server.url, "GET", path, { headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) } });
  const cookieOf = async (person: Person) => {
    const { url } = await person.get<{ url: string }>("POST", "/api/monitor/tickets");
    const answer = await fetch(server.url + url, { redirect: "manual" });
    return /monitor=[^;]+/.exec(answer.headers.get("set-cookie") ?? "")![0];
  };
  const operator = () => Person.of(server, "operator", { roles: ["operator"] });
  const roomPath = (id: string) => `/monitor/api/room?roomId=${id}`;
  const callPath = (id: string, method: string, args: unknown = []) =>
    `/monitor/api/room/call?roomId=${id}&method=${encodeURIComponent(method)}&args=${encodeURIComponent(JSON.stringify(args))}`;

  it("[H112] shows figures of rooms, sockets and people, and nothing of what is on the table or what people wrote", async () => {
    const evening = await Evening.prepare(server, { members: { kim: "player", lee: "player" } });
    const kim = await Person.of(server, "kim", { name: `${CANARY} name` });
    const gm = await evening.gm.join(evening.sessionId, { client: "gm's" });
    const seat = await kim.join(evening.sessionId);
    for (const path of ["shared/a", "gm/b", "private/kim/c", "players/kim/d", `shared/${CANARY}`]) {
      await gm.command("set", { path, value: `${CANARY} value` });
    }
    await evening.gm.get("PATCH", evening.path, { settings: { admission: "approve" } });
    await evening.person("lee").get("POST", `${evening.path}/knocks`, { message: `${CANARY} knock` });
    await evening.step("pause", `${CANARY} reason`);
    const [cookie, all] = [await cookieOf(evening.gm), await cookieOf(await operator())];
    for (const who of [cookie, all]) {
      const list = await get("/monitor/api", who);
      const room = list.body.rooms.find(({ roomId }: Loose) => roomId === evening.sessionId);
      assert.deepEqual([room.status, room.online, room.connections, room.clients], ["paused", 2, 2, 2]);
      assert.ok(room.commandsPerSecond > 0 && room.commitMs > 0 && room.patchMs > 0 && room.uptimeSeconds >= 0);
      assert.match(room.campaign, /^Campaign /);
      const one = await get(roomPath(evening.sessionId), who);
      assert.deepEqual(one.body.clients.map(({ userId }: Loose) => userId).sort(), ["gm", "kim"]);
      assert.deepEqual(Object.keys(one.body.state).sort(), [
        "campaignId",
        "connections",
        "participants",
        "seq",
        "sessionId",
        "status",
        "statusBy",
        "statusSince",
        "title",
      ]);
      assert.equal(one.body.state.participants.kim.role, "player");
      for (const { text } of [list, one]) assert.ok(!text.includes(CANARY), text);
    }
    assert.ok((await get("/monitor/api", all)).body.cpu >= 0);
    await eventually(
      "bytes are counted",
      async () => {
        await gm.command("set", { path: "shared/big", value: "x".repeat(2_000) });
        return (await get(roomPath(evening.sessionId), cookie)).body.bytesPerSecond > 0;
      },
      8_000,
    );
    await seat.leave();
  });

  it("[H113] closes one connection with 4010 `disconnected`: its place is kept, its SDK comes back, and it is audited", async () => {
    const evening = await Evening.prepare(server, { members: { kim: "player" } });
    const kim = evening.person("kim");
    const seat = await kim.join(evening.sessionId);
    const cookie = await cookieOf(evening.gm);
    const { sessionId } = seat.room;
    assert.equal((await get(callPath(evening.sessionId, "_forceClientDisconnect", [sessionId]), cookie)).status, 200);
    const { code, reason } = await seat.ended();
    assert.deepEqual([code, reason], [4010, "disconnected"]);
    const again = await kim.join(evening.sessionId, { reconnects: true });
    const stranger = await cookieOf(await operator());
    const path = callPath(evening.sessionId, "_forceClientDisconnect", [again.room.sessionId]);
    let isBack = false;
    again.room.onReconnect(() => {
      isBack = true;
    });
    assert.equal((await get(path, stranger)).status, 200);
    await eventually("the SDK is back by itself", () => isBack, 8_000);
    const closed = await eventually("both are audited", async () => {
      const found = (await evening.events()).filter(({ kind }) => kind === "connection.closed");
      return found.length === 2 ? found : undefined;
    });
    assert.deepEqual(
      closed.map(({ actor, data }) => [actor, data]),
      [
        [{ userId: "gm", via: "member" }, { userId: "kim" }],
        [
          { userId: null, via: "system" },
          { userId: "kim", by: "operator" },
        ],
      ],
    );
    assert.ok((await evening.events()).every(({ kind }) => kind !== "participant.left"));
    assert.match(server.log, /monitor: a connection was closed/);
    await again.leave();
  });

  it("[H113] every own and inherited name of the room, called with anything, does nothing", async () => {
    const evening = await Evening.prepare(server, { members: { kim: "player" } });
    const seat = await evening.person("kim").join(evening.sessionId);
    const cookie = await cookieOf(await operator());
    const names = new Set<string>(["__proto__", "constructor", "toString", "getInspectData", "_sendMessageToClient"]);
    for (let of = SessionRoom.prototype as object; of !== null; of = Object.getPrototypeOf(of)) {
      for (const name of Object.getOwnPropertyNames(of)) names.add(name);
    }
    for (const name of [
      "state",
      "clients",
      "session",
      "_reservedSeats",
      "_editStateProperty",
      "broadcast",
      "clock",
      "presence",
    ])
      names.add(name);
    assert.ok(names.size > 60, `${names.size}`);
    for (const name of names) {
      for (const args of [[], [seat.room.sessionId], ["x", {}, true, false, 1]]) {
        const { status, body } = await get(callPath(evening.sessionId, name, args), cookie);
        assert.deepEqual([status, body.code], [403, "forbidden"], name);
      }
    }
    assert.equal(seat.closing, null);
    await seat.leave();
  });

  it("[H116] a thousand hostile queries are answered, and the server goes on", async () => {
    const evening = await Evening.prepare(server);
    const seat = await evening.gm.join(evening.sessionId);
    const cookie = await cookieOf(evening.gm);
    const seed = Date.now() % 1_000_000;
    const random = new Random(seed);
    const pieces = [
      evening.sessionId,
      "__proto__",
      "constructor",
      "%00",
      "%ff",
      "%",
      "'--",
      "<script>",
      "..%2f..%2f",
      "a".repeat(3_000),
      "[]",
      "[[[[[[",
      '{"a":1}',
      "_forceClientDisconnect",
      "disconnect",
      "%F0%9F%8E%B2",
      "",
    ];
    const paths = [
      "/monitor",
      "/monitor/",
      "/monitor/api",
      "/monitor/api/room",
      "/monitor/api/room/call",
      "/monitor/assets/x",
      "/monitor/x",
    ];
    const keys = ["roomId", "method", "args", "ticket", "roomId[]", "method[__proto__]", "args.length", "x"];
    const pick = <T>(of: readonly T[]) => of[Math.floor(random.next() * of.length)]!;
    const statuses = new Set<number>();
    for (let n = 0; n < 1_000; n++) {
      const wild = Array.from({ length: Math.floor(random.next() * 5) }, () => `${pick(keys)}=${pick(pieces)}`);
      const near = [`roomId=${evening.sessionId}`, `method=${pick(pieces)}`, `args=${pick(pieces)}`];
      const query = (random.next() < 0.5 ? wild : near).join("&");
      const headers: Record<string, string> = random.next() < 0.7 ? { ...OWN } : {};
      const answer = await fetch(`${server.url}${pick(paths)}${random.next() < 0.1 ? pick(pieces) : ""}?${query}`, {
        redirect: "manual",
        headers:
          random.next() < 0.8
            ? { ...headers, cookie }
            : { ...headers, cookie: `monitor=${encodeURIComponent(pick(pieces)).slice(0, 500)}` },
      });
      await answer.arrayBuffer();
      statuses.add(answer.status);
      assert.ok(answer.status < 500, `seed ${seed}, request ${n}: ${answer.status}`);
    }
    assert.ok(statuses.has(200) && statuses.has(400) && statuses.has(401) && statuses.has(403), [...statuses].join());
    assert.equal(seat.closing, null);
    await seat.command("set", { path: "shared/after", value: seed });
    await seat.leave();
  });

  it("[H109] a ticket and a cookie hold over kill -9, and neither is in the log", async () => {
    const evening = await Evening.prepare(server);
    const cookie = await cookieOf(evening.gm);
    const { url } = await evening.gm.get<{ url: string }>("POST", "/api/monitor/tickets");
    await server.kill();
    await server.start();
    assert.equal((await get("/monitor/api", cookie)).status, 200);
    const answer = await fetch(server.url + url, { redirect: "manual" });
    assert.equal(answer.status, 303);
    assert.equal((await fetch(server.url + url, { redirect: "manual" })).status, 401);
    for (const secret of [cookie.slice("monitor=".length), url.split("=")[1]!]) assert.ok(!server.log.includes(secret));
  });
});
