import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import type { Person } from "../support/people.ts";
import { Random } from "../support/random.ts";
import { RawSocket } from "../support/raw-socket.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { brokenFrame, PING, ROOM_RESPONSE, wrongFrame } from "./malformed-frames.ts";
import { type Aim, brokenPacket, oddJoin, oddRequest } from "./malformed-http.ts";

const WRONG_FRAMES = 88_000;
const BROKEN_FRAMES = 2_500;
const ODD_REQUESTS = 5_000;
const ODD_JOINS = 2_500;
const BROKEN_PACKETS = 2_000;

const ATTACKERS = 4;
/** A quiet evening's command, on two busy cores under fire. */
const ANSWERED_WITHIN_MS = 2_500;
const HALF_ANSWERED_WITHIN_MS = 400;
/** Of the server: it ends where it keeps more, however much is garbage in between. */
const HEAP_MB = 192;
const GROWN_BY_AT_MOST_MB = 250;

/** Traces of the machinery that no answer may show. */
const INTERNALS =
  /node_modules|\.ts\b|\.js:|file:\/\/|at \w+ \(|TypeError|RangeError|SyntaxError|ZodError|msgpackr|Unexpected (token|end)|Cannot read|is not a function|call stack|array length|ECONN|SQLITE|Express|"code":"internal"|\xa8internal/;

function assertShowsNothing(answer: string): void {
  const shown = INTERNALS.exec(answer);
  assert.ok(
    shown === null,
    `shows ${shown?.[0]}: ${answer.slice(Math.max(0, (shown?.index ?? 0) - 600)).slice(0, 900)}`,
  );
}

describe("100,000 malformed inputs", function () {
  this.timeout(90_000);
  const random = Random.fromEnvironment();
  let server: ServerProcess;
  let target: Evening;
  let quiet: Evening;
  let aim: Aim;
  let sent = 0;
  let attacks = 0;
  /** One for each attacker: how they interleave does not change what each of them sends. */
  const ownRandom = (): Random => new Random(random.seed + ++attacks);

  before(async () => {
    console.log(`    SEED=${random.seed}`);
    server = await ServerProcess.start({
      env: {
        RATE_COMMANDS: "0",
        RATE_JOINS_PER_USER: "0",
        RATE_JOINS_PER_ADDRESS: "0",
        GUESTS: "on",
        NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      },
    });
    const members = Object.fromEntries(Array.from({ length: ATTACKERS }, (_, i) => [`mallory${i}`, "player"] as const));
    target = await Evening.prepare(server, { gm: "mallory", members });
    quiet = await Evening.prepare(server, { members: { zoe: "player" } });
    // what requests aim at is the attackers' own too, and not the session that the frames go to
    const spare = await Evening.prepare(server, { gm: "mallory" });
    const { roomId } = (await target.gm.join(target.sessionId)).room;
    aim = { token: target.gm.token, campaignId: spare.campaignId, sessionId: spare.sessionId, roomId };
  });

  after(async () => await server?.dispose());

  /** An evening of two that goes on all the time. @returns how to end it, and see how long its commands took */
  async function quietEvening() {
    const gm = await quiet.gm.join(quiet.sessionId);
    const zoe = await quiet.person("zoe").join(quiet.sessionId);
    const took: number[] = [];
    let over = false;
    const play = async (seat: Seat): Promise<void> => {
      while (!over) {
        const at = performance.now();
        await seat.command("increment", { path: "shared/count", by: 1 });
        took.push(performance.now() - at);
        await pause(30);
      }
    };
    const playing = Promise.all([play(gm), play(zoe)]);
    return async () => {
      over = true;
      await playing;
      const { seq } = await gm.command("set", { path: "shared/over", value: true });
      await zoe.caughtUp(seq);
      const { entries } = (await zoe.room.request("digest", {})) as { entries: string };
      assert.deepEqual([gm.digest(), zoe.digest()], [entries, entries]);
      assert.equal(zoe.value("shared/count"), took.length, "every command, once");
      assert.deepEqual([gm.closing, zoe.closing], [null, null]);
      await Promise.all([gm.leave(), zoe.leave()]);
      return took.sort((a, b) => a - b);
    };
  }

  async function rejoined(person: Person): Promise<RawSocket> {
    // a socket that was cut may still count for a moment
    return await eventually("a place", async () => await RawSocket.join(server, person, target.sessionId), 5_000);
  }

  function assertDiscreet(raw: RawSocket): void {
    for (const frame of raw.frames.splice(0)) {
      if (frame[0] === ROOM_RESPONSE && frame[2] !== 0) assertShowsNothing(frame.toString("latin1", 3));
    }
  }

  const pongs = (raw: RawSocket): number => raw.frames.reduce((n, frame) => n + (frame[0] === PING ? 1 : 0), 0);

  async function sendWrongFrames(person: Person, count: number): Promise<void> {
    const random = ownRandom();
    const raw = await rejoined(person);
    for (let left = count; left > 0; ) {
      const batch = Math.min(left, 250);
      for (let i = 0; i < batch; i++) raw.send(wrongFrame(random, i % 128));
      raw.send(Buffer.of(PING));
      await eventually("all of them taken", () => pongs(raw) > 0 || raw.closeCode !== null, 20_000);
      assert.equal(raw.closeCode, null, "what can be decoded ends no connection");
      assertDiscreet(raw);
      left -= batch;
      sent += batch;
    }
    raw.close();
  }

  async function sendBrokenFrames(person: Person, count: number): Promise<void> {
    const random = ownRandom();
    let raw = await rejoined(person);
    for (let taken = 0; taken < count; ) {
      const batch = 8;
      for (let i = 0; i < batch; i++) {
        raw.send(brokenFrame(random, i));
        raw.send(Buffer.of(PING));
      }
      await eventually("all of them taken", () => pongs(raw) >= batch || raw.closeCode !== null, 20_000);
      const code = raw.closeCode;
      assert.ok([null, 4205, 4002, 4000].includes(code), `closed with ${code}`);
      taken += Math.min(batch, pongs(raw) + 1);
      sent += Math.min(batch, pongs(raw) + 1);
      assertDiscreet(raw);
      if (code !== null) raw = await rejoined(person);
    }
    raw.close();
  }

  /** Requests on kept connections, many at a time; each must be answered. */
  async function sendRequests(count: number, odd: typeof oddRequest): Promise<void> {
    const random = ownRandom();
    const compose = () => odd(random, aim);
    for (let left = count; left > 0; ) {
      const batch = Math.min(left, 50);
      const answers = await conversation(Buffer.from(Array.from({ length: batch }, compose).join("")), batch);
      const statuses = answers.match(/HTTP\/1\.1 \d{3} /g) ?? [];
      assert.equal(statuses.length, batch, `answered ${statuses.length} of ${batch}: ${answers.slice(-600)}`);
      assert.ok(!answers.includes("HTTP/1.1 500 "), answers.slice(answers.indexOf("HTTP/1.1 500 ")).slice(0, 800));
      assertShowsNothing(answers);
      left -= batch;
      sent += batch;
    }
  }

  async function sendPackets(count: number): Promise<void> {
    const random = ownRandom();
    for (let i = 0; i < count; i++) {
      const answer = await conversation(brokenPacket(random, aim), 1);
      assertShowsNothing(answer);
      assert.ok(!answer.startsWith("HTTP/1.1 500 "), answer);
      sent += 1;
    }
  }

  /** Sends, and reads until so many answers came, the end, or a while of silence after which the server is owed nothing. */
  function conversation(bytes: Buffer, answers: number): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(server.port, "127.0.0.1");
      let received = "";
      let seen = 0;
      const end = (): void => {
        socket.destroy();
        resolve(received);
      };
      socket.setTimeout(answers === 1 ? 60 : 5_000, end);
      socket.setEncoding("latin1").on("data", (text: string) => {
        received += text;
        seen += text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
        if (seen >= answers) setTimeout(end, 2);
      });
      socket.on("error", end).on("end", end);
      socket.write(bytes);
    });
  }

  const megabytes = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024;

  it("[X10] leave the process, its memory and a quiet evening as they were, and learn nothing of its insides", async () => {
    const { pid } = server;
    const endQuietEvening = await quietEvening();
    await pause(200);
    const before = megabytes();
    const start = performance.now();
    const attackers = Array.from({ length: ATTACKERS }, (_, i) => target.person(`mallory${i}`));
    const phases: [string, () => Promise<unknown>][] = [
      ["wrong frames", () => Promise.all(attackers.map((one) => sendWrongFrames(one, WRONG_FRAMES / ATTACKERS)))],
      ["broken frames", () => Promise.all(attackers.map((one) => sendBrokenFrames(one, BROKEN_FRAMES / ATTACKERS)))],
      ["requests", () => Promise.all([1, 2].map(() => sendRequests(ODD_REQUESTS / 2, oddRequest)))],
      ["joins", () => Promise.all([1, 2].map(() => sendRequests(ODD_JOINS / 2, oddJoin)))],
      ["packets", () => Promise.all(Array.from({ length: 25 }, () => sendPackets(BROKEN_PACKETS / 25)))],
    ];
    const told: string[] = [];
    for (const [what, run] of phases) {
      const at = performance.now();
      try {
        await run();
      } catch (error) {
        assert.ok(server.isRunning, `the process ended:\n${server.log.slice(-3_000)}`);
        throw error;
      }
      told.push(`${what} ${((performance.now() - at) / 1_000).toFixed(1)} s`);
    }
    const took = await endQuietEvening();
    const grown = megabytes() - before;
    const [median = 0, slowest = 0] = [took[Math.floor(took.length / 2)], took.at(-1)];
    console.log(
      `    ${sent} in ${((performance.now() - start) / 1_000).toFixed(1)} s (${told.join(", ")}); quiet evening: ${took.length} commands, median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms; memory +${grown.toFixed(0)} MB`,
    );
    assert.ok(sent >= 100_000, `only ${sent}`);
    assert.equal(server.isRunning && server.pid, pid);
    assert.doesNotMatch(
      server.log,
      /uncaught exception|unhandled rejection|message failed|"failed"|room hook threw|session broke/,
    );
    assert.ok(median < HALF_ANSWERED_WITHIN_MS, `median ${median} ms`);
    assert.ok(slowest < ANSWERED_WITHIN_MS, `slowest ${slowest} ms`);
    assert.ok(grown < GROWN_BY_AT_MOST_MB, `${grown} MB`);
  });
});
