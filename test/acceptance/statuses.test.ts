import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";

const STEPS = ["start", "pause", "resume", "terminate"] as const;

describe("the status of a session", () => {
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start();
  });

  after(async () => await server?.dispose());

  /** What each step answers in each status: the new status, or 409. */
  const TABLE = {
    created: { start: "live", pause: 409, resume: 409, terminate: "ended" },
    live: { start: "live", pause: "paused", resume: "live", terminate: "ended" },
    paused: { start: 409, pause: "paused", resume: "live", terminate: "ended" },
    ended: { start: 409, pause: 409, resume: 409, terminate: "ended" },
  } as const;
  const WAY = { created: [], live: ["start"], paused: ["start", "pause"], ended: ["terminate"] } as const;

  for (const [status, answers] of Object.entries(TABLE)) {
    it(`[V7] from ${status}: ${STEPS.map((step) => `${step} → ${answers[step as keyof typeof answers]}`).join(", ")}`, async () => {
      await Promise.all(
        STEPS.map(async (step) => {
          const evening = await Evening.prepare(server, { isLive: false });
          for (const before of WAY[status as keyof typeof WAY]) await evening.step(before);
          const known = await evening.events();
          const answer = await evening.gm.ask("POST", `${evening.path}/${step}`);
          const expected = answers[step as keyof typeof answers];
          if (expected === 409) {
            assert.deepEqual([answer.status, answer.body.code], [409, "invalid_transition"], answer.text);
          } else {
            assert.deepEqual([answer.status, answer.body.status], [200, expected], answer.text);
          }
          if (expected === 409 || expected === status) {
            assert.equal((await evening.gm.get("GET", evening.path)).status, status);
            assert.equal((await evening.events()).length, known.length, "nothing changed");
          }
        }),
      );
    });
  }

  it("[V7] lets only the GM step, and hides the session from strangers", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const stranger = await Person.of(server, "stranger");
    for (const step of STEPS) {
      const answer = await evening.person("ana").ask("POST", `${evening.path}/${step}`);
      assert.deepEqual([answer.status, answer.body.code], [403, "forbidden"], step);
      const hidden = await stranger.ask("POST", `${evening.path}/${step}`);
      assert.deepEqual([hidden.status, hidden.body.code], [404, "not_found"], step);
    }
    assert.equal((await evening.gm.get("GET", evening.path)).status, "live");
  });

  it("[V8] is the GM's alone in created, everybody's in live, the GM's alone in paused, and nobody's in ended", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player", sam: "spectator" }, isLive: false });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const sam = await evening.person("sam").join(evening.sessionId);
    const note = { path: "shared/note", value: "x" };

    assert.equal(gm.state.status, "created");
    await gm.command("set", note);
    assert.equal((await ana.refused("set", note)).code, "session_not_live");
    assert.equal((await sam.refused("set", note)).code, "session_not_live", "the status is looked at before the right");

    await evening.step("start");
    await ana.until("live", ({ status }) => status === "live");
    await ana.command("set", note);
    assert.equal((await sam.refused("set", note)).code, "forbidden");

    const pausedAt = Date.now();
    await evening.step("pause", "the pizza is here");
    await ana.until("paused", ({ status }) => status === "paused");
    const { statusBy, statusReason, statusSince } = ana.state;
    assert.deepEqual([statusBy, statusReason], ["gm", "the pizza is here"]);
    assert.ok(Math.abs(statusSince - pausedAt) < 2_000);
    await gm.command("set", { path: "gm/plan", value: "still the GM's time" });
    const refusal = await ana.refused("set", note);
    assert.equal(refusal.code, "session_paused");
    assert.match(refusal.message, /gm|Game Master/i, "who");
    assert.match(refusal.message, /\d{1,2}:\d{2}/, "when");
    assert.match(refusal.message, /the pizza is here/, "why");
    await ana.room.request("activity", { kind: "typing" });
    await gm.until("ana typing while paused", ({ participants }) => participants.get("ana")?.activity === "typing");

    await evening.step("resume");
    await ana.until("live again", ({ status }) => status === "live");
    assert.equal(ana.state.statusReason, "");
    await ana.command("set", { ...note, value: "y" });

    await evening.step("terminate");
    for (const seat of [gm, ana, sam]) assert.equal((await seat.ended()).code, 4200);
    const state = await evening.gm.get<{ status: string; entries: object }>("GET", `${evening.path}/state`);
    assert.equal(state.status, "ended");
    assert.deepEqual(Object.keys(state.entries), ["shared/note"]);
  });

  it("[V8] refuses changes, invites, tickets and streams of an ended session", async () => {
    const evening = await Evening.prepare(server);
    await evening.step("terminate");
    for (const [method, path, body] of [
      ["PATCH", "", { title: "too late" }],
      ["POST", "/invites", {}],
      ["POST", "/stream/tickets", undefined],
      ["GET", "/stream", undefined],
    ] as const) {
      const answer = await evening.gm.ask(method, `${evening.path}${path}`, body);
      assert.deepEqual([answer.status, answer.body.code], [409, "session_ended"], `${method} ${path}`);
    }
  });

  it("[V8] tells everybody in the room of a pause, its reason and its end", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const ana = await evening.person("ana").join(evening.sessionId);
    await evening.step("pause", "a phone call");
    await evening.step("pause", "another reason, which changes nothing");
    await ana.until("the pause", ({ status, statusReason }) => status === "paused" && statusReason === "a phone call");
    const kinds = (await evening.events()).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === "session.paused").length, 1);
    await ana.leave();
  });
});
