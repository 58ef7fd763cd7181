import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { packed } from "../support/packed.ts";
import { Random } from "../support/random.ts";
import { RawSocket } from "../support/raw-socket.ts";
import { ServerProcess } from "../support/server.ts";

const RESOLVED = 0;
const REJECTED = 1;
const FAILED = 2;

const set = (id: string, value: unknown, path = "shared/x") => packed({ id, action: "set", payload: { path, value } });

describe("frames", function () {
  this.timeout(40_000);
  const random = Random.fromEnvironment();
  let server: ServerProcess;
  let evening: Evening;

  before(async () => {
    server = await ServerProcess.start({
      env: { LOG_LEVEL: "trace", DEBUG: "colyseus:*", RATE_COMMANDS: "0", RATE_JOINS_PER_USER: "0" },
    });
    evening = await Evening.prepare(server, {
      members: { ana: "player", ben: "player" },
      session: { maxParticipants: 20, settings: { connectionsPerParticipant: 8 } },
    });
  });

  after(async () => await server?.dispose());

  const enter = (userId = "ana", options = {}) =>
    RawSocket.join(server, evening.person(userId), evening.sessionId, options);
  const answerOf = (raw: RawSocket, requestId: number) =>
    eventually(`an answer to ${requestId}`, () => raw.response(requestId));

  it("[C40] leave nothing of theirs in the log, and no line each, whatever cannot be decoded", async () => {
    const canary = `CANARY${random.text(24)}`;
    const token = evening.person("ana").token;
    const before = server.log.length;
    const whole = [set("c1", { secret: canary, [canary]: 1 }), packed({ token })];
    const damaged = (payload: Buffer): Buffer[] => [
      Buffer.concat([payload, Buffer.of(0xc0)]), // a byte too many
      payload.subarray(0, -1), // one too few
      Buffer.concat([Buffer.of(0x81, 0xa1, 0x61, 0xc7, canary.length, 0x70), Buffer.from(canary)]), // extensions
      Buffer.concat([Buffer.of(0xd8, 0x72), Buffer.from(canary).subarray(0, 16), payload]),
      Buffer.concat([Buffer.of(0xc1), payload]),
      Buffer.from(canary),
      Buffer.concat([payload, payload]),
    ];
    const kinds = whole.flatMap(damaged);
    let sent = 0;
    for (let raw = await enter(); sent < 10_000; sent++) {
      if (raw.closeCode !== null) raw = await enter();
      const payload = kinds[sent % kinds.length]!;
      const type = sent % 2 === 0 ? "command" : "authenticate";
      if (sent % 50 === 49) raw.message(type, payload);
      else raw.request(sent % 128, type, payload);
      if (sent % 10 === 9) await pause(1);
    }
    const typed = await enter();
    typed.request(1, canary, Buffer.of(0xc0));
    typed.message(canary, Buffer.of(0xc0));
    await answerOf(typed, 1);
    const told = server.log.slice(before);
    assert.equal(told.includes("CANARY"), false, told.slice(Math.max(0, told.indexOf("CANARY") - 500)).slice(0, 900));
    for (const part of token.split(".")) assert.equal(told.includes(part.slice(0, 12)), false, "a part of a token");
    const lines = told.split("\n").filter((line) => !/"(connected|disconnected)"|participant\.|"request"/.test(line));
    assert.ok(lines.length < 200, `${lines.length} lines: ${lines.slice(0, 5).join("\n")}`);
  });

  it("[C41] that cannot be decoded are rejected a few times where they ask for an answer, then end the connection", async () => {
    const raw = await enter();
    for (let id = 1; id <= 5; id++) {
      raw.request(id, "command", Buffer.of(0x85, 0xa1));
      const { status, text } = await answerOf(raw, id);
      assert.equal(status, FAILED);
      assert.match(text, /bad_request.*That cannot be decoded\./s);
    }
    assert.equal(raw.closeCode, null);
    raw.request(6, "command", Buffer.of(0x85, 0xa1));
    assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined), 4205);
    const plain = await enter();
    plain.message("command", Buffer.of(0x85, 0xa1));
    assert.equal(await eventually("the closing", () => plain.closeCode ?? undefined), 4205);
  });

  it("[C42] of who has not acknowledged their join are dropped; after 10 s the connection is ended", async () => {
    const raw = await enter("ben", { acknowledges: false });
    raw.request(1, "command", set("early", "early", "shared/early"));
    raw.message("command", set("early too", "early", "shared/early"));
    raw.request(2, "nonsense".repeat(8), Buffer.of(0xc0));
    await pause(300);
    assert.equal(raw.response(1), undefined);
    const gm = await evening.gm.join(evening.sessionId);
    assert.equal(gm.value("shared/early"), undefined);
    const late = await enter("ben", { acknowledges: false });
    late.request(1, "command", set("early 3", "early", "shared/early"));
    late.acknowledge();
    late.request(2, "command", set("at last", "at last", "shared/late"));
    assert.equal((await answerOf(late, 2)).status, RESOLVED);
    assert.equal(late.response(1), undefined);
    await gm.until("what came after", () => gm.value("shared/late") === "at last");
    assert.equal(gm.value("shared/early"), undefined);
    assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined, 11_000), 4205);
    await pause(1_000);
    assert.equal(late.closeCode, null);
    late.close();
    await gm.leave();
  });

  it("[C43] of a type over 64 characters are refused, and never quoted", async () => {
    const raw = await enter();
    raw.request(1, "é".repeat(64), Buffer.of(0xc0));
    assert.deepEqual((await answerOf(raw, 1)).status, FAILED);
    for (const [i, type] of ["x".repeat(65), "é".repeat(65), "y".repeat(900_000)].entries()) {
      raw.request(10 + i, type, Buffer.of(0xc0));
      const { status, text } = await answerOf(raw, 10 + i);
      assert.equal(status, REJECTED);
      assert.match(text, /bad_request/);
      assert.ok(text.length < 200, `${text.length} bytes`);
    }
    assert.equal(raw.closeCode, null);
    raw.message("x".repeat(65), Buffer.of(0xc0));
    assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined), 4205);
  });

  it("[C44] over 264 KiB are not decoded: limit_exceeded for a request, silence for a message; over 1 MiB end it", async () => {
    const raw = await enter();
    const notDecodable = Buffer.alloc(270 * 1024, 0xc1);
    raw.request(1, "command", notDecodable);
    raw.request(2, "nonsense", notDecodable);
    for (const id of [1, 2]) {
      const { status, text } = await answerOf(raw, id);
      assert.equal(status, REJECTED);
      assert.match(text, /limit_exceeded/);
    }
    raw.message("command", notDecodable);
    // smaller frames that say more than 256 KiB of JSON
    raw.request(3, "command", set("ones", new Array(200_000).fill(1)));
    assert.match((await answerOf(raw, 3)).text, /limit_exceeded/);
    raw.message("command", set("more ones", new Array(200_000).fill(1)));
    await eventually("a reply", () => raw.frames.find((frame) => frame.includes("more ones")));
    assert.equal(raw.closeCode, null);
    raw.send(Buffer.alloc(1024 * 1024 + 1, 13));
    assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined, 5_000), 1009);
  });

  it("[C46] of who has just lost their place are refused, and never internal", async () => {
    for (const round of [1, 2, 3]) {
      const raw = await enter("ben");
      const types: readonly (readonly [string, object])[] = [
        ["command", { id: `r${round}`, action: "set", payload: { path: "shared/x", value: 1 } }],
        ["activity", { kind: "typing" }],
        ["presence", { status: "idle" }],
        ["latency", { rttMs: 1 }],
        ["digest", {}],
        ["authenticate", { token: evening.person("ben").token }],
      ];
      const removed = evening.gm.ask("POST", `${evening.path}/participants/ben/remove`, {});
      for (let id = 0; id < 120 && raw.closeCode === null; id++) {
        const [type, payload] = types[id % types.length]!;
        raw.request(id, type, packed(payload));
        if (id % 12 === 11) await pause(1);
      }
      assert.equal((await removed).status, 204);
      assert.equal(await eventually("the closing", () => raw.closeCode ?? undefined), 4201);
      for (let id = 0; id < 120; id++) {
        const text = raw.response(id)?.text ?? "";
        assert.doesNotMatch(text, /\xa8internal/);
      }
    }
    assert.doesNotMatch(server.log, /message failed|session broke|uncaught|room hook threw/);
  });
});
