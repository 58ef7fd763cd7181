import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import "../support/quiet.ts";

const PLAYERS = Array.from({ length: 24 }, (_, i) => `p${i}`);
/** More than the places by as many as the framework once had to spare. */
const GMS = Array.from({ length: 18 }, (_, i) => `gm${i}`);

describe("a session with fewer places than people", function () {
  this.timeout(60_000);
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_ADDRESS: "0" } });
  });

  after(async () => await server?.dispose());

  it("[X81] lets everybody come back who has a place, and every GM in, and nobody else", async () => {
    const members = Object.fromEntries([...PLAYERS, "late"].map((userId) => [userId, "player"] as const));
    const evening = await Evening.prepare(server, { members, session: { maxParticipants: 30 } });
    for (const userId of GMS) await evening.setMember(userId, "gm");
    const { sessionId } = evening;
    const join = (userId: string) => evening.person(userId).join(sessionId);
    const seats: Seat[] = [];
    for (const userId of PLAYERS) seats.push(await join(userId));
    await evening.gm.get("PATCH", evening.path, { maxParticipants: 1 });

    const tokens = new Map<string, string>();
    for (const seat of seats) {
      tokens.set(seat.userId, seat.room.reconnectionToken);
      await seat.room.leave(false);
    }
    // Half of them by the token of their seat, half as from another device.
    for (const [i, userId] of PLAYERS.entries()) {
      const person = evening.person(userId);
      const back = i % 2 === 0 ? await person.reconnect(tokens.get(userId)!) : await join(userId);
      assert.equal(back.state.participants.get(userId)?.presence, "online");
    }
    const gm = await evening.gm.join(sessionId);
    for (const userId of GMS) await join(userId);
    assert.equal(gm.state.participants.size, PLAYERS.length + GMS.length + 1);
    // Second devices too.
    for (const userId of [...PLAYERS.slice(0, 3), ...GMS.slice(0, 3)]) await join(userId);
    assert.deepEqual(await evening.person("late").refusedJoin(sessionId), { code: 409, message: "session_full" });
  });
});
