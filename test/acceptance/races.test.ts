import assert from "node:assert/strict";
import { Evening, type Role } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { keysOf } from "../support/table.ts";

const TWENTY = Array.from({ length: 20 }, (_, i) => `player${i + 1}`);

/** Joins all at once and sorts out who got in; the others with what they were told. */
async function allAtOnce(joins: readonly Promise<Seat>[]): Promise<{ seats: Seat[]; refusals: string[] }> {
  const seats: Seat[] = [];
  const refusals: string[] = [];
  for (const joined of await Promise.allSettled(joins)) {
    if (joined.status === "fulfilled") seats.push(joined.value);
    else refusals.push(`${joined.reason.code} ${joined.reason.message}`);
  }
  return { seats, refusals };
}

describe("everybody at the door at once", function () {
  this.timeout(30_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start();
  });

  after(async () => await server?.dispose());

  function members(role: Role): Record<string, Role> {
    return Object.fromEntries(TWENTY.map((userId) => [userId, role]));
  }

  it("[V1] lets exactly six of twenty into six places, and the GM all the same", async () => {
    const evening = await Evening.prepare(server, { members: members("player"), session: { maxParticipants: 6 } });
    const { seats, refusals } = await allAtOnce(TWENTY.map((userId) => evening.person(userId).join(evening.sessionId)));
    assert.equal(seats.length, 6);
    assert.deepEqual([...new Set(refusals)], ["409 session_full"]);
    assert.equal(refusals.length, 14);
    const gm = await evening.gm.join(evening.sessionId);
    await gm.until("seven people", ({ participants }) => participants.size === 7);
    const [first] = seats;
    assert.ok(first);
    const again = await evening.person(first.userId).join(evening.sessionId);
    assert.equal(gm.state.participants.size, 7, "a second device takes no place");
    await Promise.all([again, gm, ...seats].map((seat) => seat.leave()));
    const next = await evening
      .person(TWENTY.find((userId) => seats.every((seat) => seat.userId !== userId)) ?? "")
      .join(evening.sessionId);
    await next.until("nobody else", ({ participants }) => keysOf(participants).join() === next.userId);
    await next.leave();
  });

  it("[V2] opens one room for twenty simultaneous first joins", async () => {
    const evening = await Evening.prepare(server, { members: members("player"), session: { maxParticipants: 20 } });
    const { seats, refusals } = await allAtOnce(TWENTY.map((userId) => evening.person(userId).join(evening.sessionId)));
    assert.deepEqual(refusals, []);
    assert.equal(new Set(seats.map((seat) => seat.room.roomId)).size, 1);
    for (const seat of seats) await seat.until("everybody", ({ participants }) => participants.size === 20);
    await seats[0]?.command("set", { path: "shared/x", value: "seen by all" });
    for (const seat of seats) await seat.until("the entry", () => seat.value("shared/x") === "seen by all");
    await Promise.all(seats.map((seat) => seat.leave()));
  });

  it("[V3] admits as many by an invite as it has uses, whoever is first", async () => {
    const evening = await Evening.prepare(server, { session: { maxParticipants: 20 } });
    const invite = await evening.invite({ maxUses: 3, label: "for the neighbours" });
    const strangers = await Promise.all(TWENTY.slice(0, 12).map((userId) => Person.of(server, `stranger-${userId}`)));
    const { seats, refusals } = await allAtOnce(
      strangers.map((person) => person.join(evening.sessionId, { invite: invite.token })),
    );
    assert.equal(seats.length, 3);
    assert.deepEqual([...new Set(refusals)], ["404 not_found"]);
    const { items } = await evening.gm.get<{ items: { id: string; uses: number; token?: string }[] }>(
      "GET",
      `${evening.path}/invites`,
    );
    assert.deepEqual(
      items.map(({ id, uses }) => ({ id, uses })),
      [{ id: invite.id, uses: 3 }],
    );
    assert.ok(!JSON.stringify(items).includes(invite.token));

    const [guest] = seats;
    assert.ok(guest);
    const person = strangers.find(({ userId }) => userId === guest.userId) as Person;
    await guest.leave();
    const back = await person.join(evening.sessionId);
    assert.equal(back.state.participants.get(person.userId)?.role, "player");
    await Promise.all([back, ...seats].map((seat) => seat.leave()));
  });

  it("[V3] counts no use for a refused join, nor for a member", async () => {
    const evening = await Evening.prepare(server, { members: { ana: "spectator" }, session: { maxParticipants: 1 } });
    const invite = await evening.invite({ maxUses: 1 });
    const ana = await evening.person("ana").join(evening.sessionId, { invite: invite.token });
    assert.equal(ana.state.participants.get("ana")?.role, "spectator", "the campaign's role counts");
    const stranger = await Person.of(server, "late");
    assert.deepEqual(await stranger.refusedJoin(evening.sessionId, { invite: invite.token }), {
      code: 409,
      message: "session_full",
    });
    assert.deepEqual(await stranger.refusedJoin(evening.sessionId), { code: 404, message: "not_found" });
    await ana.leave();
    const seat = await stranger.join(evening.sessionId, { invite: invite.token });
    await seat.leave();
    const { items } = await evening.gm.get<{ items: { uses: number }[] }>("GET", `${evening.path}/invites`);
    assert.deepEqual(
      items.map(({ uses }) => uses),
      [1],
    );
  });
});
