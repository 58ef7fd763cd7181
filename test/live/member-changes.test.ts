import assert from "node:assert/strict";
import { MemberChanges } from "../../src/live/member-changes.ts";
import type { Campaign, Member } from "../../src/ports/campaigns.ts";
import { HandClock } from "../support/hand-clock.ts";

const member = (userId: string, role: Member["role"]): Member => ({ userId, name: null, role });
const campaign = (...members: Member[]): Campaign => ({ id: "c1", name: "One", createdAt: 1, members });

describe("changes of members that were told just now", () => {
  it("[H73] are newer than a campaign that was asked for before, and older than one asked for after", () => {
    const changes = new MemberChanges(new HandClock());
    const read = campaign(member("kim", "gm"), member("bo", "gm"));
    const since = changes.count;
    assert.equal(changes.applied(read, since), read);
    changes.note("c1", "kim", member("kim", "player"));
    changes.note("c1", "bo", undefined);
    changes.note("c1", "lee", member("lee", "gm"));
    changes.note("c2", "kim", undefined);
    assert.deepEqual(changes.applied(read, since), campaign(member("kim", "player"), member("lee", "gm")));
    const readAfter = campaign(member("kim", "gm"));
    assert.equal(changes.applied(readAfter, changes.count), readAfter);
    changes.note("c1", "kim", member("kim", "spectator"));
    assert.deepEqual(changes.applied(readAfter, changes.count - 1), campaign(member("kim", "spectator")));
  });

  it("[H73] are forgotten after a minute", async () => {
    const clock = new HandClock();
    const changes = new MemberChanges(clock);
    for (let i = 0; i < 1_000; i++) {
      changes.note(`c${i % 100}`, `user ${i}`, undefined);
      await clock.advance(100);
    }
    const read = campaign(member("user 1", "gm"), member("user 901", "gm"));
    assert.deepEqual(changes.applied(read, 0).members, [member("user 1", "gm")]);
    await clock.advance(60_000);
    changes.note("c200", "kim", undefined);
    assert.equal(changes.size, 1);
  });
});
