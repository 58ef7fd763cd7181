import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { Person } from "../support/people.ts";
import { RawSocket, sendPacket } from "../support/raw-socket.ts";
import type { Refused, Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { keysOf } from "../support/table.ts";

/** Traces of the machinery that no answer may show. */
const INTERNALS =
  /node_modules|\.ts:|\.js:|at \w+ \(|TypeError|RangeError|SyntaxError|ZodError|msgpackr|Unexpected (token|end)|Cannot read|is not a function|ECONN|SQLITE|constructor Object/i;

describe("whatever anybody sends", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let pid: number;
  let evening: Evening;
  let bystanders: Evening;
  /** in another session all the time: must notice nothing */
  let bystander: Seat;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0" } });
    pid = server.pid;
    evening = await Evening.prepare(server, {
      members: { ana: "player" },
      session: { maxParticipants: 20, settings: { connectionsPerParticipant: 8 } },
    });
    for (const name of ["constructor", "__proto__", "toString"]) await evening.setMember(name, "player");
    bystanders = await Evening.prepare(server, { gm: "gm", members: { zoe: "player" } });
    bystander = await bystanders.person("zoe").join(bystanders.sessionId);
  });

  afterEach(async () => {
    assert.equal(server.isRunning && server.pid, pid, `the process ended:\n${server.log.slice(-3_000)}`);
    assert.equal(bystander.closing, null, "another session's connection was closed");
    await bystander.command("increment", { path: "shared/alive", by: 1 });
  });

  after(async () => await server?.dispose());

  it("[X3] answers what cannot be decoded by ending that connection, or with a rejection without internals", async () => {
    const undecodable = {
      "a truncated map": Buffer.of(0x85, 0xa1),
      "a string longer than the frame": Buffer.of(0xdb, 0xff, 0xff, 0xff, 0xff),
      "the byte that is nothing": Buffer.of(0xc1),
      "an array of four billion": Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff),
      "an unknown extension": Buffer.of(0xc7, 0x04, 0x70, 1, 2, 3, 4),
      noise: Buffer.from("f09f92a9ffc1c1c7deadbeef", "hex"),
    };
    await Promise.all(
      Object.entries(undecodable).map(async ([what, bytes]) => {
        const person = evening.person("ana");
        const sent = await RawSocket.join(server, person, evening.sessionId);
        sent.request(1, "command", bytes);
        const outcome = await eventually(`an answer to ${what}`, () => sent.response(1) ?? sent.closeCode ?? undefined);
        if (typeof outcome === "object") {
          assert.notEqual(outcome.status, 0, `${what} was accepted`);
          assert.doesNotMatch(outcome.text, INTERNALS);
          sent.message("command", bytes);
          await pause(100);
        }
        const code = sent.closeCode;
        assert.ok(code === null || code === 4205 || code === 4002, `${what}: closed with ${code}`);
        sent.close();
      }),
    );
  });

  it("[X3] ends a connection for a frame without content or without meaning, or ignores it, and nothing else", async () => {
    const frames = [
      Buffer.alloc(0),
      Buffer.of(13),
      Buffer.of(21),
      Buffer.of(21, 5),
      Buffer.of(21, 0xff),
      Buffer.of(19),
      Buffer.of(20, 255, 1),
      Buffer.of(17),
      Buffer.of(255, 255, 255),
      Buffer.of(99),
      Buffer.of(0x8d, 1, 2),
    ];
    for (const frame of frames) {
      const raw = await RawSocket.join(server, evening.person("ana"), evening.sessionId);
      raw.send(frame);
      await pause(40);
      assert.ok([null, 4205, 4002].includes(raw.closeCode), `${frame.toString("hex")}: closed with ${raw.closeCode}`);
      raw.close();
    }
  });

  it("[X3] ends a connection with 1009 for a frame over 1 MiB", async () => {
    const raw = await RawSocket.join(server, evening.person("ana"), evening.sessionId);
    raw.send(Buffer.alloc(1024 * 1024 + 1, 13));
    assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined, 5_000), 1009);
  });

  it("[X3] does not know a type that does not exist: no_handler for a request, silence for a message", async () => {
    const seat = await evening.person("ana").join(evening.sessionId);
    for (const type of ["nonsense", "constructor", "__proto__", "toString", "_", "*", "hasOwnProperty", 7]) {
      await assert.rejects(seat.room.request(type, {}), (error: Error) => {
        assert.equal(error.name, "no_handler", String(type));
        assert.doesNotMatch(error.message, INTERNALS);
        return true;
      });
      seat.room.send(type, { anything: 1 });
      seat.room.sendBytes(type, new Uint8Array([1, 2, 3]));
    }
    seat.room.sendBytes("command", new Uint8Array([1, 2, 3]));
    await seat.command("set", { path: "shared/still", value: "here" });
    assert.equal(seat.closing, null);
    await seat.leave();
  });

  it("[X4] refuses payloads that JSON cannot say", async () => {
    const seat = await evening.person("ana").join(evening.sessionId);
    const values = {
      NaN: Number.NaN,
      infinity: Number.POSITIVE_INFINITY,
      date: new Date(),
      bytes: new Uint8Array([1, 2, 3]),
      bigint: 2n ** 62n,
      undefined,
      "NaN deep inside": { a: [1, { b: Number.NaN }] },
    };
    for (const [what, value] of Object.entries(values)) {
      const refusal = await seat.refused("set", { path: "shared/x", value });
      assert.equal(refusal.code, "bad_request", what);
      assert.equal(refusal.retryable, false);
    }
    const wrong: unknown[] = [
      null,
      undefined,
      [],
      "text",
      7,
      {},
      { id: 1, action: "set", payload: { path: "shared/x", value: 1 } },
      { id: "", action: "set", payload: { path: "shared/x", value: 1 } },
      { id: "x".repeat(65), action: "set", payload: { path: "shared/x", value: 1 } },
      { id: "a", action: 5, payload: {} },
      { id: "a", action: "set" },
      { id: "a", action: "set", payload: null },
      { id: "a", action: "set", payload: { path: 5, value: 1 } },
      { id: "a", action: "set", payload: { path: "shared/x", value: 1 }, expect: [] },
      { id: "a", action: "set", payload: { path: "shared/x", value: 1 }, expect: { "shared/x": "1" } },
      { id: "a", action: "set", payload: { path: "shared/x", value: 1 }, expect: { "shared/x": -1 } },
      { id: "a", action: "batch", payload: { ops: "all" } },
      { id: "a", action: "batch", payload: { ops: [{ action: "batch", payload: { ops: [] } }] } },
      { id: "a", action: "increment", payload: { path: "shared/x", by: "1" } },
      { id: "a", action: "append", payload: { path: "shared/x", values: 1 } },
      { id: "a", action: "append", payload: { path: "shared/x", values: [1], max: 0 } },
    ];
    for (const payload of wrong) {
      await assert.rejects(seat.room.request("command", payload), (error: Error & { reason?: Refused }) => {
        assert.equal(error.reason?.code, "bad_request", JSON.stringify(payload));
        assert.doesNotMatch(JSON.stringify(error.reason), INTERNALS);
        return true;
      });
      for (const type of ["command", "activity", "presence", "latency", "digest", "authenticate"])
        seat.room.send(type, payload);
    }
    for (const action of ["constructor", "__proto__", "toString", "drop table"]) {
      assert.equal((await seat.refused(action, {})).code, "unknown_action", action);
    }
    assert.equal(seat.closing, null);
    await seat.leave();
  });

  it("[X4] refuses lone surrogates that arrive as such", async () => {
    // the SDK's encoder replaces a lone surrogate: only raw bytes can carry one, as CESU-8, which is not UTF-8
    const raw = await RawSocket.join(server, evening.person("ana"), evening.sessionId);
    const text = (bytes: number[]) => Buffer.of(0xa0 | bytes.length, ...bytes);
    const ascii = (word: string) => text([...Buffer.from(word)]);
    const payload = Buffer.concat([
      Buffer.of(0x83),
      ascii("id"),
      ascii("s1"),
      ascii("action"),
      ascii("set"),
      ascii("payload"),
      Buffer.of(0x82),
      ascii("path"),
      ascii("shared/lone"),
      ascii("value"),
      text([0xed, 0xa0, 0x80]),
    ]);
    raw.request(1, "command", payload);
    const answer = await eventually("an answer", () => raw.response(1));
    if (answer.status === 0) {
      // decoded to U+FFFD on the way: then what was stored is well-formed
      const state = await evening.gm.get<{ entries: Record<string, { value: string }> }>(
        "GET",
        `${evening.path}/state`,
      );
      assert.ok(JSON.parse(state.entries["shared/lone"]?.value ?? '""').isWellFormed());
    } else {
      assert.match(answer.text, /bad_request/);
    }
    raw.close();
  });

  it("[X5] lets people and paths be called constructor, __proto__ and toString", async () => {
    const names = ["constructor", "__proto__", "toString"];
    const seats = await Promise.all(names.map(async (name) => await evening.person(name).join(evening.sessionId)));
    const gm = await evening.gm.join(evening.sessionId);
    const [first] = seats as [Seat];
    for (const [i, name] of names.entries()) {
      const seat = seats[i] as Seat;
      await gm.until(name, ({ participants }) => participants.get(name)?.presence === "online");
      await seat.command("set", { path: `players/${name}/hp`, value: i });
      await seat.command("set", { path: `private/${name}/${name}`, value: name });
      await seat.command("set", { path: `shared/${name}/valueOf/hasOwnProperty`, value: i });
      await seat.command("increment", { path: `shared/${name}/count`, by: 2 });
      const { seq } = await seat.command("delete", { path: `shared/${name}/valueOf` });
      await first.caughtUp(seq);
      assert.equal(first.value(`players/${name}/hp`), i);
      assert.equal(first.value(`shared/${name}/count`), 2);
      assert.equal(first.entry(`shared/${name}/valueOf/hasOwnProperty`), undefined);
      assert.deepEqual(
        keysOf(seat.state.hidden).filter((path) => !path.startsWith(`private/${name}/`)),
        [],
      );
    }
    const late = await evening.person("ana").join(evening.sessionId);
    assert.equal(late.value("shared/__proto__/count"), 2);
    assert.equal(late.digest(), first.digest());
    await Promise.all([...seats, gm, late].map((seat) => seat.leave()));
  });

  it("[X5] takes the key __proto__ of an object as it stands, or refuses it, and never makes another key of it", async () => {
    const seat = await evening.person("ana").join(evening.sessionId);
    const value = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    const outcome = await seat.attempt({ id: "odd", action: "set", payload: { path: "shared/odd", value } });
    assert.notEqual(outcome.kind, "unanswered");
    const found = keysOf(seat.state.entries).filter((path) => path.startsWith("shared/odd"));
    assert.deepEqual(
      found,
      outcome.kind === "accepted" ? ["shared/odd/__proto__/polluted", "shared/odd/constructor"] : [],
    );
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    await seat.leave();
  });

  it("[X6] refuses matchmaking options of any other shape, without internals", async () => {
    const { token } = evening.person("ana");
    const { sessionId } = evening;
    const bodies: unknown[] = [
      null,
      [],
      "text",
      7,
      true,
      {},
      { sessionId: 5 },
      { sessionId: null },
      { sessionId: [sessionId] },
      { sessionId: { $ne: null } },
      { sessionId, invite: 5 },
      { sessionId, invite: {} },
      { sessionId, client: {} },
      { sessionId, client: "x".repeat(65) },
    ];
    const answers = await Promise.all(
      bodies.map((body) =>
        call<{ code?: number }>(server.url, "POST", "/matchmake/joinOrCreate/session", { token, body }),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      assert.equal(answer.status, 400, `${JSON.stringify(bodies[i])}: ${answer.text}`);
      assert.match(answer.text, /bad_request/);
      assert.doesNotMatch(answer.text, INTERNALS);
    }
    const elsewhere = await Promise.all(
      ["__proto__", "constructor", "toString", "no-such-session", "x".repeat(5_000), "../..", "\u0000"].map((id) =>
        call(server.url, "POST", "/matchmake/joinOrCreate/session", { token, body: { sessionId: id } }),
      ),
    );
    for (const answer of elsewhere) {
      assert.ok(answer.status === 404 || answer.status === 400, answer.text);
      assert.doesNotMatch(answer.text, INTERNALS);
    }
    const seat = await call(server.url, "POST", "/matchmake/joinOrCreate/session", {
      token,
      body: { sessionId, role: "gm", userId: "gm", auth: { role: "gm" }, extra: [1] },
    });
    assert.equal(seat.status, 200, "other fields are ignored");
  });

  it("[X6] opens of the framework's matchmaking only joinOrCreate and reconnect of the room session", async () => {
    const { token } = evening.person("ana");
    const asked = [
      "create/session",
      "join/session",
      `joinById/${evening.sessionId}`,
      "joinOrCreate/other",
      "joinOrCreate/constructor",
      "toString/session",
    ];
    for (const path of asked) {
      const answer = await call<{ code?: unknown; error?: unknown }>(server.url, "POST", `/matchmake/${path}`, {
        token,
        body: { sessionId: evening.sessionId },
      });
      assert.equal(answer.status, 403, `${path}: ${answer.text}`);
      assert.deepEqual(Object.keys(answer.body).sort(), ["code", "error"]);
      assert.match(answer.text, /forbidden/);
    }
    const anonymous = await call(server.url, "POST", "/matchmake/joinOrCreate/session", {
      body: { sessionId: evening.sessionId },
    });
    const nowhere = await call(server.url, "POST", "/matchmake/joinOrCreate/session", {
      body: { sessionId: "nowhere" },
    });
    assert.equal(anonymous.status, 401);
    assert.deepEqual(nowhere.body, anonymous.body, "no unauthenticated request learns whether a session exists");
    for (const path of ["joinOrCreate/session", `reconnect/${evening.sessionId}`]) {
      const askedFor = { method: "POST", signal: AbortSignal.timeout(5_000) };
      for (const body of ["{", "x".repeat(20_000), ""]) {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${server.url}/matchmake/${path}`, { ...askedFor, headers, body });
        assert.equal(answer.status, 401, "nobody is told of a body before they are known");
        assert.deepEqual(await answer.json(), anonymous.body);
      }
    }
    const tooLong = await call(server.url, "POST", "/matchmake/joinOrCreate/session", {
      token,
      body: { sessionId: "x".repeat(17 * 1024) },
    });
    assert.equal(tooLong.status, 413);
  });

  it("[X7] survives packets that are no HTTP, and upgrades to places that are none", async () => {
    const upgrade =
      "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const packets = [
      `GET *:99999999 HTTP/1.1\r\n${upgrade}`,
      `GET //:99999999 HTTP/1.1\r\n${upgrade}`,
      `GET http://[::bad HTTP/1.1\r\n${upgrade}`,
      `GET /x/constructor?sessionId=__proto__ HTTP/1.1\r\n${upgrade}`,
      `GET /x/__proto__?sessionId=constructor&reconnectionToken=toString HTTP/1.1\r\n${upgrade}`,
      `GET /?sessionId=%E0%A4%A HTTP/1.1\r\n${upgrade}`,
      `GET /%E0%A4%A HTTP/1.1\r\n${upgrade}`,
      "GET *:99999999 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /api/campaigns/%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "\u0016\u0003\u0001\u0002",
      "POST /matchmake/joinOrCreate/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nConnection: close\r\n\r\n{{{{{",
    ];
    for (const answer of await Promise.all(packets.map((packet) => sendPacket(server, packet)))) {
      assert.doesNotMatch(answer, INTERNALS);
    }
    assert.equal((await call(server.url, "GET", "/healthz")).status, 200);
  });

  it("[X7] takes nobody's seat by guessing, and no second connection on one seat", async () => {
    const eve = await Person.of(server, "eve");
    assert.deepEqual(await eve.refusedJoin(evening.sessionId), { code: 404, message: "not_found" });
    const ana = await evening.person("ana").join(evening.sessionId);
    const packet = (seat: string) =>
      `GET /x/${ana.room.roomId}?sessionId=${seat} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    await Promise.all([
      sendPacket(server, packet(ana.room.sessionId)),
      sendPacket(server, packet("guess")),
      sendPacket(server, packet("")),
    ]);
    await ana.command("set", { path: "shared/mine", value: true });
    assert.equal(ana.closing, null);
    await ana.leave();
  });
});
