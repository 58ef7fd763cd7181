import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";
import { copyOf } from "../support/table.ts";

interface Stands {
  readonly status: string;
  readonly reason?: string | null;
}

describe("a waiting room on a server", function () {
  this.timeout(60_000);
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start();
  });
  after(() => server.dispose());

  const prepare = (members: Record<string, "player" | "spectator">, more: object = {}) =>
    Evening.prepare(server, { members, session: { settings: { admission: "approve" }, ...more } });
  const admit = (evening: Evening, userId: string) => evening.gm.get("POST", `${evening.path}/knocks/${userId}/admit`);
  const NEEDED = { code: 403, message: "approval_needed" };

  it("[V49] GMs see who waits in the state, players not one byte of it; promoted they do, demoted no more", async () => {
    const evening = await prepare({ kim: "player", lee: "player" });
    const [gm, lee] = [await evening.gm.join(evening.sessionId), evening.person("lee")];
    await lee.get("POST", `${evening.path}/knocks`);
    await admit(evening, "lee");
    const seat = await lee.join(evening.sessionId);
    const canary = "CANARY-IN-A-KNOCK";
    const kim = evening.person("kim");
    assert.deepEqual(await kim.refusedJoin(evening.sessionId), NEEDED);
    const before = Date.now();
    assert.deepEqual(await kim.get("POST", `${evening.path}/knocks`, { message: canary }), { status: "waiting" });
    const knocks = () => copyOf(gm.state.knocks);
    const shown = await eventually("the GM sees it", () => knocks().get("kim"), 500);
    assert.deepEqual([shown.name, shown.role, shown.message], ["kim", "player", canary]);
    assert.ok(Math.abs(shown.since - before) < 5_000);
    await gm.command("set", { path: "shared/a", value: 1 });
    await eventually("a patch after it", () => seat.state.seq === 1);
    const sent = () => seat.frames.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("\n");
    assert.ok(sent().length > 0 && !sent().includes("CANARY"));
    assert.equal(seat.state.knocks?.size ?? 0, 0);
    await evening.setMember("lee", "player");
    await evening.gm.get("PUT", `/api/campaigns/${evening.campaignId}/members/lee`, { role: "gm" });
    await eventually("a new GM sees it", () => copyOf(seat.state.knocks).get("kim")?.message === canary);
    await evening.gm.get("PUT", `/api/campaigns/${evening.campaignId}/members/lee`, { role: "player" });
    await eventually("and no more", () => (seat.state.knocks?.size ?? 0) === 0);
    await admit(evening, "kim");
    await eventually("nobody waits", () => knocks().size === 0);
    await (await kim.join(evening.sessionId)).leave();
  });

  it("[V44] twenty who are told at once that they are admitted, for six places: six", async () => {
    const evening = await prepare({}, { maxParticipants: 7 });
    await evening.gm.join(evening.sessionId);
    const { token: invite } = await evening.invite({ maxUses: 50 });
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => Person.of(server, `stranger-${n}`)));
    await Promise.all(people.map((person) => person.get("POST", `${evening.path}/knocks`, { invite })));
    const waits = people.map(async (person) => {
      const { status } = await person.get<Stands>("GET", `${evening.path}/knocks/mine?wait=25`);
      assert.equal(status, "admitted");
      const came = await person.join(evening.sessionId, { invite }).catch((error: Error) => error.message);
      return typeof came === "string" ? came : "in";
    });
    await Promise.all(people.map(({ userId }) => admit(evening, userId)));
    const came = await Promise.all(waits);
    assert.equal(came.filter((one) => one === "in").length, 6);
    assert.equal(came.filter((one) => one === "session_full").length, 14);
  });

  it("[V47] knocks, denials and admissions outlive kill -9; a way back is refused alike to who lost the place", async () => {
    const evening = await prepare({ kim: "player", lee: "player", mo: "player", pia: "player" });
    const person = (userId: string) => evening.person(userId);
    for (const userId of ["kim", "lee", "mo", "pia"]) await person(userId).get("POST", `${evening.path}/knocks`);
    for (const userId of ["lee", "pia"]) await admit(evening, userId);
    await evening.gm.get("POST", `${evening.path}/knocks/mo/deny`, { reason: "not tonight" });
    const pia = await person("pia").join(evening.sessionId);
    const { reconnectionToken } = pia.room;
    await evening.gm.get("POST", `${evening.path}/participants/pia/remove`, {});
    await pia.ended();
    await server.kill();
    await server.start();
    const mine = (userId: string) => person(userId).get<Stands>("GET", `${evening.path}/knocks/mine`);
    assert.deepEqual(await mine("kim"), { status: "waiting", reason: null });
    assert.deepEqual(await mine("lee"), { status: "admitted", reason: null });
    assert.deepEqual(await mine("mo"), { status: "denied", reason: "not tonight" });
    for (const userId of ["kim", "mo", "pia"]) {
      assert.deepEqual(await person(userId).refusedJoin(evening.sessionId), NEEDED, userId);
      assert.equal((await person(userId).ask("GET", `${evening.path}/state`)).status, 403, userId);
      assert.equal((await person(userId).ask("GET", `${evening.path}/stream`)).status, 403, userId);
    }
    await assert.rejects(person("pia").reconnect(reconnectionToken));
    const lee = await person("lee").join(evening.sessionId);
    await server.kill();
    await server.start();
    await lee.ended().catch(() => undefined);
    await (await person("lee").join(evening.sessionId)).leave();
    const { items } = await evening.gm.get<{ items: { userId: string }[] }>("GET", `${evening.path}/knocks`);
    assert.deepEqual(
      items.map(({ userId }) => userId),
      ["kim"],
    );
  });

  it("[H104] a held answer comes within a second of admission, ban, revocation and the end", async () => {
    const evening = await prepare({ kim: "player", lee: "player", mo: "player" });
    const invite = await evening.invite({ maxUses: 5 });
    const ana = await Person.of(server, "ana");
    await ana.get("POST", `${evening.path}/knocks`, { invite: invite.token });
    const people = [ana, ...["kim", "lee", "mo"].map((userId) => evening.person(userId))];
    for (const one of people.slice(1)) await one.get("POST", `${evening.path}/knocks`);
    const changes = [
      () => evening.gm.get("DELETE", `${evening.path}/invites/${invite.id}`),
      () => admit(evening, "kim"),
      () => evening.gm.get("POST", `${evening.path}/participants/lee/remove`, { ban: true }),
      () => evening.step("terminate"),
    ];
    const held = people.map((one) => one.ask("GET", `${evening.path}/knocks/mine?wait=25`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const [i, change] of changes.entries()) {
      await change();
      const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_000));
      const answer = await Promise.race([held[i], late]);
      assert.equal(answer?.status, [404, 200, 403, 404][i], `answer ${i}`);
    }
  });
});
