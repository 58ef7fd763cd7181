import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

type Who = "gm" | "player" | "other" | "spectator" | "invitee" | "guest";
type Status = "created" | "live" | "paused";
const EVERYBODY: readonly Who[] = ["gm", "player", "other", "spectator", "invitee", "guest"];
const STATUSES: readonly Status[] = ["created", "live", "paused"];

interface Row {
  readonly what: string;
  readonly type: string;
  /** @param me user id of the sender @param token theirs @param someoneElses token */
  readonly payload: (me: string, token: string, someoneElses: string) => unknown;
  /** `ok`, or the code of the refusal, or the name of the framework's error */
  readonly answer: (who: Who, status: Status) => string;
}

let count = 0;
const id = (): string => `c${++count}`;

/** What a command is answered by its status and right; `otherwise` by whoever may. */
function command(
  what: string,
  body: (me: string) => { action: unknown; payload?: unknown; expect?: unknown },
  writers: readonly Who[],
  otherwise = "ok",
): Row {
  return {
    what: `command: ${what}`,
    type: "command",
    payload: (me) => ({ id: id(), payload: {}, ...body(me) }),
    answer: (who, status) => {
      if (who !== "gm" && status === "created") return "session_not_live";
      if (who !== "gm" && status === "paused") return "session_paused";
      return writers.includes(who) ? otherwise : "forbidden";
    },
  };
}

/** The same for everybody, in every status. */
function always(what: string, type: string, payload: Row["payload"], answer: string): Row {
  return { what: `${type}: ${what}`, type, payload, answer: () => answer };
}

const PLAYERS: readonly Who[] = ["gm", "player", "other", "invitee", "guest"];
const set = (path: (me: string) => string) => (me: string) => ({
  action: "set",
  payload: { path: path(me), value: { a: 1, b: [me] } },
});
const at = (action: string, more: object) => (me: string) => ({
  action,
  payload: { path: `shared/${action}/${me}`, ...more },
});

const ROWS: readonly Row[] = [
  command(
    "set",
    set((me) => `shared/${me}`),
    PLAYERS,
  ),
  command("merge", at("merge", { value: { a: 1 } }), PLAYERS),
  command("delete", at("delete", {}), PLAYERS),
  command("increment", at("increment", { by: 2 }), PLAYERS),
  command("append", at("append", { values: [1], max: 3 }), PLAYERS),
  command(
    "move",
    (me) => ({ action: "move", payload: { from: `shared/none/${me}`, to: `shared/some/${me}` } }),
    PLAYERS,
    "not_found",
  ),
  command("an empty batch", () => ({ action: "batch", payload: { ops: [] } }), EVERYBODY),
  command("batch", (me) => ({ action: "batch", payload: { ops: [set(() => `shared/batch/${me}`)(me)] } }), PLAYERS),
  command(
    "their own players/",
    set((me) => `players/${me}`),
    PLAYERS,
  ),
  command(
    "somebody else's players/",
    set(() => "players/nobody"),
    ["gm"],
  ),
  command(
    "their own private/",
    set((me) => `private/${me}`),
    PLAYERS,
  ),
  command(
    "somebody else's private/",
    set(() => "private/nobody"),
    ["gm"],
  ),
  command(
    "gm/",
    set((me) => `gm/${me}`),
    ["gm"],
  ),
  command(
    "table/",
    set((me) => `table/${me}`),
    ["gm"],
  ),
  command(
    "a namespace alone",
    set(() => "shared"),
    EVERYBODY,
    "invalid_path",
  ),
  command(
    "expect that does not hold",
    (me) => ({ ...at("delete", {})(me), expect: { "shared/nothing": 7 } }),
    PLAYERS,
    "conflict",
  ),
  command("expect of what only GMs read", (me) => ({ ...at("delete", {})(me), expect: { "gm/nothing": 0 } }), ["gm"]),
  always("an unknown action", "command", () => ({ id: id(), action: "fly", payload: {} }), "unknown_action"),
  always("no id", "command", () => ({ action: "set", payload: {} }), "bad_request"),
  always("no object", "command", () => "set", "bad_request"),
  always("one of its kinds", "activity", () => ({ kind: "rolling" }), "ok"),
  always("another kind", "activity", () => ({ kind: "dancing" }), "bad_request"),
  always("online", "presence", () => ({ status: "online" }), "ok"),
  always("idle", "presence", () => ({ status: "idle" }), "ok"),
  always("disconnected", "presence", () => ({ status: "disconnected" }), "bad_request"),
  always("a round trip", "latency", () => ({ rttMs: 40 }), "ok"),
  always("below 0", "latency", () => ({ rttMs: -1 }), "bad_request"),
  always("over a minute", "latency", () => ({ rttMs: 60_001 }), "bad_request"),
  always("of what they see", "digest", () => ({}), "ok"),
  always("with something in it", "digest", () => ({ of: "gm" }), "bad_request"),
  always("their own token", "authenticate", (_me, token) => ({ token }), "ok"),
  always("somebody else's token", "authenticate", (_me, _token, other) => ({ token: other }), "unauthenticated"),
  always("no token", "authenticate", () => ({}), "bad_request"),
  always("asked for", "nothing-like-this", () => ({}), "no_handler"),
  always("asked for by a number", "constructor", () => ({}), "no_handler"),
];

/** One evening with a person of each kind in it. */
async function gather(server: ServerProcess) {
  const evening = await Evening.prepare(server, {
    members: { player: "player", other: "player", spectator: "spectator" },
    session: { maxParticipants: 10 },
    isLive: false,
  });
  const people = new Map<Who, Person>([["gm", evening.gm]]);
  for (const who of ["player", "other", "spectator"] as const) people.set(who, evening.person(who));
  people.set("invitee", await Person.of(server, "invitee"));
  const invite = (await evening.invite({ maxUses: 5 })).token;
  const guest = await evening.gm.get<{ token: string; userId: string }>("POST", `/api/invites/${invite}/guest`, {
    name: "Passing by",
  });
  people.set("guest", new Person(server, guest.userId, guest.token));
  const seats = new Map<Who, Seat>();
  for (const [who, person] of people) {
    seats.set(who, await person.join(evening.sessionId, who === "invitee" || who === "guest" ? { invite } : {}));
  }
  return { evening, people, seats };
}

async function answerOf(seat: Seat, type: string, payload: unknown): Promise<string> {
  try {
    await seat.room.request(type, payload);
    return "ok";
  } catch (error) {
    const { name, reason } = error as { name: string; reason?: { code: string } };
    return name === "rejected" && reason !== undefined ? reason.code : name;
  }
}

describe("every message, from everybody, in every status", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let evening: Evening;
  let people: Map<Who, Person>;
  let seats: Map<Who, Seat>;

  before(async () => {
    server = await ServerProcess.start({ env: { GUESTS: "on" } });
    ({ evening, people, seats } = await gather(server));
  });

  after(async () => await server?.dispose());

  for (const status of STATUSES) {
    it(`[C12] is answered by the table: ${status}`, async () => {
      if (status === "live") await evening.step("start");
      if (status === "paused") await evening.step("pause", "tea");
      const answers = EVERYBODY.map(async (who) => {
        const seat = seats.get(who)!;
        const { userId, token } = people.get(who)!;
        const elses = people.get(who === "gm" ? "player" : "gm")!.token;
        return await Promise.all(
          ROWS.map(async ({ what, type, payload, answer }) => [
            `${what} → ${await answerOf(seat, type, payload(userId, token, elses))}`,
            `${what} → ${answer(who, status)}`,
          ]),
        );
      });
      for (const [i, rows] of (await Promise.all(answers)).entries()) {
        const who = EVERYBODY[i];
        assert.deepEqual(
          rows.map(([got]) => `${who}, ${got}`),
          rows.map(([, wanted]) => `${who}, ${wanted}`),
        );
      }
    });
  }

  it("[C12] a plain send is answered by `reply` for commands, dropped otherwise, and ends no connection", async () => {
    for (const who of EVERYBODY) {
      const seat = seats.get(who)!;
      for (const { type, payload } of ROWS) {
        if (type !== "command") seat.room.send(type, payload("x", "", ""));
      }
      seat.room.send("command", { action: "set" });
      seat.room.send("command", { id: `plain ${who}`, action: "set", payload: { path: "shared/plain", value: who } });
      const reply = (await seat.message("reply")) as {
        id: string;
        ok: boolean;
        seq?: number;
        error?: { code: string };
      };
      assert.equal(reply.id, `plain ${who}`);
      if (who === "gm") assert.ok(reply.ok && reply.seq !== undefined);
      else assert.deepEqual([reply.ok, reply.error?.code], [false, "session_paused"]);
      assert.deepEqual(
        seat.messages.map(({ type }) => type),
        ["reply"],
      );
      assert.equal(seat.closing, null);
    }
  });

  it("[C13] small messages have a rate of their own; a token can be renewed all the same", async () => {
    const person = people.get("other")!;
    const seat = seats.get("other")!;
    const burst = Array.from({ length: 60 }, () => answerOf(seat, "activity", { kind: "typing" }));
    const answers = await Promise.all(burst);
    assert.equal(answers.at(-1), "rate_limited");
    assert.ok(answers.every((answer) => answer === "ok" || answer === "rate_limited"));
    assert.equal(await answerOf(seat, "authenticate", { token: person.token }), "ok");
    assert.equal(await answerOf(seat, "command", { id: "r", action: "fly", payload: {} }), "unknown_action");
    assert.equal(await answerOf(seats.get("player")!, "activity", { kind: "typing" }), "ok", "of that person alone");
  });

  it("[C12] ended: everybody is closed with 4200, and a join is 410 for who may know, 404 for others", async () => {
    await evening.step("terminate");
    for (const who of EVERYBODY) assert.equal((await seats.get(who)!.ended()).code, 4200, who);
    for (const who of EVERYBODY) {
      const refused = await people.get(who)!.refusedJoin(evening.sessionId);
      assert.deepEqual(refused, { code: 410, message: "session_ended" }, who);
    }
    const stranger = await Person.of(server, "stranger");
    assert.equal((await stranger.refusedJoin(evening.sessionId)).code, 404);
  });
});
