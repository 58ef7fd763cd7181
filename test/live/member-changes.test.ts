import assert from "node:assert/strict";
import { MemberChanges } from "../../src/live/member-changes.ts";
import { type Campaign, type Member, type MemberState, NO_MEMBERSHIP } from "../../src/ports/campaigns.ts";
import { HandClock } from "../support/hand-clock.ts";

const member = (userId: string, role: Member["role"]): Member => ({ userId, name: null, role });
const campaign = (...members: Member[]): Campaign => ({ id: "c1", name: "One", createdAt: 1, members, removals: 0 });
/** A campaign as it stands after so many removals. */
const campaignAfter = (id: string, removals = 0): Campaign => ({ ...campaign(), id, removals });
const is = (now: Member): MemberState => ({ member: now, removal: 0 });
const out = (removal: number): MemberState => ({ member: undefined, removal });

describe("changes of members that were told just now", () => {
  it("[H73] are newer than a campaign that was asked for before, and older than one asked for after", () => {
    const changes = new MemberChanges(new HandClock());
    const read = campaign(member("kim", "gm"), member("bo", "gm"));
    const since = changes.count;
    assert.equal(changes.applied(read, since), read);
    changes.note(campaignAfter("c1"), "kim", is(member("kim", "player")));
    changes.note(campaignAfter("c1", 1), "bo", out(1));
    changes.note(campaignAfter("c1", 1), "lee", is(member("lee", "gm")));
    changes.note(campaignAfter("c2", 7), "kim", out(7));
    assert.deepEqual(changes.applied(read, since), {
      ...campaign(member("kim", "player"), member("lee", "gm")),
      removals: 1,
    });
    const readAfter = campaign(member("kim", "gm"));
    assert.equal(changes.applied(readAfter, changes.count), readAfter);
    changes.note(campaignAfter("c1"), "kim", is(member("kim", "spectator")));
    assert.deepEqual(changes.applied(readAfter, changes.count - 1), campaign(member("kim", "spectator")));
  });

  it("[T16] say by which removal somebody is out, and how many there were", () => {
    const changes = new MemberChanges(new HandClock());
    const kim = { member: member("kim", "player"), removal: 2, removals: 4 };
    const since = changes.count;
    changes.note(campaignAfter("c1", 5), "kim", out(5));
    assert.deepEqual(changes.appliedTo("c1", "kim", kim, since), { member: undefined, removal: 5, removals: 5 });
    assert.deepEqual(changes.appliedTo("c1", "lee", NO_MEMBERSHIP, since), { ...NO_MEMBERSHIP, removals: 5 });
    assert.deepEqual(changes.appliedTo("c1", "kim", kim, changes.count), kim);
    assert.deepEqual(changes.appliedTo("c2", "kim", kim, since), kim);
  });

  it("[H73] are forgotten after a minute", async () => {
    const clock = new HandClock();
    const changes = new MemberChanges(clock);
    for (let i = 0; i < 1_000; i++) {
      changes.note(campaignAfter(`c${i % 100}`, i), `user ${i}`, out(i));
      await clock.advance(100);
    }
    const read = campaign(member("user 1", "gm"), member("user 901", "gm"));
    assert.deepEqual(changes.applied(read, 0).members, [member("user 1", "gm")]);
    await clock.advance(60_000);
    changes.note(campaignAfter("c200", 1), "kim", out(1));
    assert.equal(changes.size, 1);
  });
});
