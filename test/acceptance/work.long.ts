import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { packed } from "../support/packed.ts";
import { RawSocket } from "../support/raw-socket.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

const ENTRIES = 9_800;
const PER_COMMAND = 1_400;

describe("work on a server", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  let full: Evening;
  let quiet: Evening;
  let gm: Seat;
  let bystander: Seat;
  let ids = 0;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0" } });
    full = await Evening.prepare(server, {
      members: { mallory: "player", eve: "spectator", kim: "player", lee: "player" },
      session: { settings: { connectionsPerParticipant: 4 } },
    });
    quiet = await Evening.prepare(server, { members: { zoe: "player" } });
    gm = await full.gm.join(full.sessionId);
    for (let first = 0; first < ENTRIES; first += PER_COMMAND) {
      const value = Object.fromEntries(Array.from({ length: PER_COMMAND }, (_, i) => [`e${first + i}`, i]));
      await gm.command("merge", { path: "shared/a/b", value });
    }
    bystander = await quiet.person("zoe").join(quiet.sessionId);
  });

  after(async () => await server?.dispose());

  afterEach(async () => {
    assert.equal(bystander.closing, null);
    await bystander.command("increment", { path: "shared/alive", by: 1 });
  });

  const enter = (userId: string) => RawSocket.join(server, full.person(userId), full.sessionId);
  const command = (action: string, payload: unknown, more: object = {}) => ({
    id: `w${++ids}`,
    action,
    payload,
    ...more,
  });

  it("[C47] is refused once it is more than a participant may ask for, and the table beside goes on", async () => {
    const raw = await enter("mallory");
    const move = (from: string, to: string) => ({ action: "move", payload: { from, to } });
    const ops = [0, 1].flatMap(() => [move("shared/a/b", "shared/c"), move("shared/c", "shared/a/b")]);
    for (let id = 0; id < 60; id++) raw.request(id, "command", packed(command("batch", { ops })));
    const took: number[] = [];
    while (raw.response(59) === undefined) {
      const at = performance.now();
      await bystander.command("increment", { path: "shared/n", by: 1 });
      took.push(performance.now() - at);
      await pause(40); // within the rate of commands
    }
    const answers = Array.from({ length: 60 }, (_, id) => raw.response(id)?.text ?? "");
    const tried = answers.filter((text) => /limit_exceeded/.test(text)).length;
    assert.ok(tried >= 1 && tried <= 4, `${tried} were tried`);
    assert.equal(answers.filter((text) => /rate_limited.*retryAfterMs/s.test(text)).length, 60 - tried);
    console.log(`      the bystander's slowest of ${took.length}: ${Math.max(...took).toFixed(0)} ms`);
    raw.close();
  });

  it("[C48] holds back who floods, who is no less alive for it, and shows their going at once", async () => {
    const raw = await enter("lee");
    await gm.until("lee", ({ participants }) => participants.get("lee")?.presence === "online");
    const end = performance.now() + 11_000;
    let sent = 0;
    while (performance.now() < end && raw.closeCode === null) {
      if (raw.unsentBytes < 256 * 1024) {
        for (let i = 0; i < 200; i++) raw.request(sent++ % 128, "nonsense", Buffer.alloc(1_000, 0xc0));
      }
      await pause(10);
    }
    assert.equal(raw.closeCode, null);
    assert.equal(gm.state.participants.get("lee")?.presence, "online");
    const answered = raw.frames.filter((frame) => frame[0] === 22).length;
    console.log(`      ${sent} frames wanted to be sent in 11 s, ${answered} were answered`);
    raw.close();
    await gm.until("lee gone", ({ participants }) => participants.get("lee")?.presence === "disconnected", 3_000);
  });

  it("[C49] unsent is at most 16 MiB at any time: a reader that takes nothing is closed, and the table goes on", async () => {
    const raw = await enter("eve");
    raw.stopReading();
    const large = (n: number) =>
      Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`l${i}`, `${n}`.repeat(16_000)]));
    let written = 0;
    const write = async (userId: string): Promise<void> => {
      const seat = await full.person(userId).join(full.sessionId);
      for (let n = 0; n < 45; n++) {
        const payload = { path: `players/${userId}`, value: large(n % 10) };
        const outcome = await seat.attempt({ id: `l${++ids}`, action: "merge", payload });
        if (outcome.kind === "accepted") written += 15 * 16_000;
        else await pause(100);
      }
      await seat.leave();
    };
    await Promise.all(["mallory", "kim", "lee"].map(write));
    raw.readOn();
    await eventually("the closing", () => raw.closeCode ?? undefined, 20_000);
    const received = raw.frames.reduce((sum, frame) => sum + frame.length, 0);
    console.log(`      ${(written / 2 ** 20).toFixed(0)} MiB written, ${(received / 2 ** 20).toFixed(0)} MiB received`);
    assert.ok(raw.closeReason === "too_slow" || raw.closeCode === 1006, `${raw.closeCode} ${raw.closeReason}`);
    assert.ok(received < written - 4 * 2 ** 20, "what came after the closing was kept for nobody");
    assert.equal(gm.closing, null);
    raw.close();
  });
});

describe("work on a server with a small budget", function () {
  this.timeout(30_000);
  const PER_SECOND = 100;
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_WORK: String(PER_SECOND) } });
  });

  after(async () => await server?.dispose());

  const answerOf = (raw: RawSocket, requestId: number) =>
    eventually(`an answer to ${requestId}`, () => raw.response(requestId), 5_000);

  it("[C47] is not done for a frame without a budget: it is answered from its head; a token is renewed all the same", async () => {
    const evening = await Evening.prepare(server, { members: { kim: "player" } });
    const raw = await RawSocket.join(server, evening.person("kim"), evening.sessionId);
    // many keys are dearer than their bytes: a debt of some 8 s
    const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [i.toString(36), null]));
    raw.request(1, "command", packed({ id: "c1", action: "unknown", payload: keys }));
    assert.match((await answerOf(raw, 1)).text, /unknown_action/);
    raw.request(2, "command", Buffer.of(0xc1));
    assert.match(
      (await answerOf(raw, 2)).text,
      /rate_limited.*retryAfterMs/s,
      "what cannot be decoded was not looked at",
    );
    raw.request(3, "nonsense", Buffer.of(0xc1));
    assert.match((await answerOf(raw, 3)).text, /rate_limited/);
    const large = "x".repeat(200 * 1024);
    raw.message("command", packed({ payload: { path: "shared/x", value: [large] }, id: "a plain one", action: "set" }));
    const reply = await eventually("a reply", () => raw.frames.find((frame) => frame.includes("a plain one")));
    assert.match(reply.toString("latin1"), /rate_limited/);
    raw.message("digest", packed({}));
    raw.request(4, "authenticate", packed({ token: evening.person("kim").token }));
    assert.match((await answerOf(raw, 4)).text, /expiresAt/);
    assert.equal(raw.closeCode, null);
    raw.close();
  });

  it("[C47] of a digest is paid for by entries", async () => {
    const evening = await Evening.prepare(server, { members: { eve: "spectator" } });
    const gm = await evening.gm.join(evening.sessionId);
    await gm.command("set", {
      path: "gm/notes",
      value: Object.fromEntries(Array.from({ length: 190 }, (_, i) => [`n${i}`, i])),
    });
    const raw = await RawSocket.join(server, evening.person("eve"), evening.sessionId);
    for (const [id, answer] of [/entries/, /entries/, /rate_limited/].entries()) {
      raw.request(id, "digest", packed({}));
      assert.match((await answerOf(raw, id)).text, answer);
    }
    raw.close();
    await gm.leave();
  });
});
