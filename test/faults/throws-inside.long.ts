import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";

/** What makes a poisoned place be called. A seat that it closes may reject what it was asked. */
const triggers = {
  command: async ({ ana }) => void (await ana.attempt({ id: "the one", action: "increment", payload: COUNT }, 1_500)),
  presence: async ({ ana }) => void (await ana.room.request("presence", { status: "idle" }).catch(() => undefined)),
  latency: async ({ ana }) => void (await ana.room.request("latency", { rttMs: 777 }).catch(() => undefined)),
  activity: async ({ ana }) => void (await ana.room.request("activity", { kind: "typing" }).catch(() => undefined)),
  // whether she gets in, or is closed with the others, is not the point
  join: async ({ evening }) => {
    const joining = evening.person("zoe").join(evening.sessionId);
    await Promise.race([joining.catch(() => undefined), pause(300)]);
  },
  leave: async ({ zoe }) => void (await Promise.race([zoe.leave(), pause(500)])),
  drop: async ({ zoe }) => zoe.room.connection.close(),
  pause: async ({ evening }) => void (await evening.gm.ask("POST", `${evening.path}/pause`)),
} satisfies Record<string, (scene: Scene) => Promise<void>>;

interface Scene {
  readonly evening: Evening;
  readonly gm: Seat;
  readonly ana: Seat;
  /** is there only where she is to go */
  readonly zoe: Seat;
}

const COUNT = { path: "shared/count", by: 1 };

/** place (and after # how many calls of it pass) → what calls it */
const PLACES: readonly (readonly [place: string, trigger: keyof typeof triggers])[] = [
  ["Projector.committed", "command"],
  ["Projector.committed", "pause"],
  ["SessionRoom.broadcastPatch", "command"],
  ["SessionState.apply", "command"],
  ["SessionState.apply#1", "command"],
  ["SessionState.apply#1", "join"],
  ["Projector.digest", "command"],
  ["Projector.person", "presence"],
  ["Projector.person", "latency"],
  ["PatchPacer.request", "activity"],
  ["SessionPresence.advance", "activity"],
  ["Projector.enter", "join"],
  ["Seats.take", "join"],
  ["SafeSerializer.getFullState", "join"],
  ["Projector.leave", "leave"],
  ["Projector.leave", "drop"],
  ["SessionPresence.disconnected", "drop"],
];

describe("a throw inside a session, where no client can reach", function () {
  this.timeout(30_000);
  let server: ServerProcess;
  let pid: number;
  let bystander: Seat;

  before(async () => {
    server = await ServerProcess.start({
      env: {
        NODE_OPTIONS: `--import ${new URL("poison.ts", import.meta.url).href}`,
        RATE_COMMANDS: "0",
        RATE_JOINS_PER_USER: "0",
      },
    });
    pid = server.pid;
    const other = await Evening.prepare(server, { members: { bob: "player" } });
    bystander = await other.person("bob").join(other.sessionId);
  });

  after(async () => await server?.dispose());

  async function scene(place: string, zoeIsIn = false): Promise<Scene> {
    const evening = await Evening.prepare(server, {
      members: { ana: "player", zoe: "player" },
      session: { settings: { activityTimeout: 1 } },
    });
    const gm = await evening.gm.join(evening.sessionId);
    const ana = await evening.person("ana").join(evening.sessionId);
    const zoe = zoeIsIn ? await evening.person("zoe").join(evening.sessionId) : ana;
    await ana.command("increment", COUNT);
    await gm.command("set", { path: "gm/plan", value: "the bridge falls" });
    await ana.command("set", { path: "private/ana/note", value: "trust nobody" });
    // here the bystander's own could be hit: its digest has to be through
    if (place.startsWith("PatchPacer")) await pause(600);
    await gm.command("set", { path: "shared/poison", value: `${evening.sessionId}#${place}` });
    return { evening, gm, ana, zoe };
  }

  /** Nothing acknowledged is lost, what was not is there once at most, and all copies agree. */
  async function assertWhole({ evening }: Scene): Promise<void> {
    const ana = await eventually("ana is back", async () => await evening.person("ana").join(evening.sessionId), 5_000);
    const gm = await evening.gm.join(evening.sessionId);
    const paused = ana.state.status === "paused";
    if (paused) await evening.step("resume");
    await ana.command("increment", COUNT, { id: "the one" });
    const { seq } = await ana.command("set", { path: "shared/after", value: true });
    await gm.caughtUp(seq);
    assert.equal(ana.value("shared/count"), 2, "the first, and the one that was under way, once");
    assert.equal(gm.value("gm/plan"), "the bridge falls");
    assert.equal(ana.value("private/ana/note"), "trust nobody");
    const told = (await gm.room.request("digest", {})) as { entries: string; hidden: string };
    assert.deepEqual([gm.digest(), gm.hiddenDigest()], [told.entries, told.hidden]);
    assert.equal(ana.digest(), told.entries);
    const verified = await evening.gm.get<{ valid: boolean }>("GET", `${evening.path}/events/verify`);
    assert.equal(verified.valid, true);
    await Promise.all([ana.leave(), gm.leave()]);
  }

  async function assertUndisturbed(): Promise<void> {
    assert.equal(server.isRunning && server.pid, pid, `the process ended:\n${server.log.slice(-3_000)}`);
    assert.equal(bystander.closing, null, "another session's connection was closed");
    await bystander.command("increment", COUNT);
    assert.equal(bystander.value("shared/count") as number, bystander.state.seq);
  }

  for (const [place, trigger] of PLACES) {
    it(`[X12] in ${place}, by ${trigger}: closed with 4010, opened again from its log, nothing lost`, async () => {
      const one = await scene(place, trigger === "leave" || trigger === "drop");
      await triggers[trigger](one);
      assert.equal((await one.ana.ended(4_000)).code, 4010);
      assert.equal((await one.gm.ended(1_000)).code, 4010);
      await assertWhole(one);
      await assertUndisturbed();
    });
  }
});
