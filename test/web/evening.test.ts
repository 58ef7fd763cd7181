import assert from "node:assert/strict";
import type { Entry, Participant } from "../../clients/js/src/index.ts";
import { pictureOf } from "../../web/src/console/attendance.ts";
import { inviteState } from "../../web/src/console/invite-state.ts";
import { rollsIn } from "../../web/src/quick/rolls.ts";
import { awayBetween, type Glimpse } from "../../web/src/table/away.ts";
import { STANDING_WORDS, standingAfter } from "../../web/src/table/standing.ts";
import { countdownText, spanText, whenText } from "../../web/src/widgets/when.ts";

const at = (minute: number) => Date.parse("2030-05-01T19:00:00.000Z") + minute * 60_000;
let n = 0;
const event = (minute: number, kind: string, userId: string | null, data: Record<string, string | number> = {}) => ({
  n: ++n,
  at: new Date(at(minute)).toISOString(),
  kind,
  actor: { userId, via: "member" },
  data,
  prev: "",
  hash: "",
});

describe("pages: an evening in words and pictures", () => {
  it("[PG30] the picture has who was there when, play and pauses", () => {
    const { from, to, people, play, pauses } = pictureOf(
      [
        event(0, "session.created", "gwen"),
        event(1, "participant.joined", "gwen", { name: "Gwen" }),
        event(2, "session.started", "gwen"),
        event(3, "participant.joined", "pia", { name: "Pia" }),
        event(5, "participant.dropped", "pia"),
        event(6, "participant.reconnected", "pia"),
        event(7, "session.paused", "gwen"),
        event(8, "session.resumed", "gwen"),
        event(9, "participant.removed", "gwen", { userId: "pia" }),
        event(10, "session.ended", "gwen"),
      ],
      at(99),
    );
    const span = (one: number, other: number) => ({ from: at(one), to: at(other) });
    assert.deepEqual([from, to], [at(1), at(10)]);
    assert.deepEqual(people, [
      { userId: "gwen", name: "Gwen", spans: [span(1, 10)] },
      { userId: "pia", name: "Pia", spans: [span(3, 5), span(6, 9)] },
    ]);
    assert.deepEqual(play, [span(2, 7), span(8, 10)]);
    assert.deepEqual(pauses, [span(7, 8)]);
  });

  it("[PG30] a host that died ends everybody's time where it was last alive", () => {
    const { people } = pictureOf(
      [
        event(0, "participant.joined", "pia", { name: "Pia" }),
        event(30, "session.restored", null, { aliveUntil: new Date(at(10)).toISOString() }),
        event(31, "participant.reconnected", "pia"),
      ],
      at(40),
    );
    assert.deepEqual(people[0]?.spans, [
      { from: at(0), to: at(10) },
      { from: at(31), to: at(40) },
    ]);
    assert.deepEqual(pictureOf([], at(3)).people, []);
  });

  it("[PG31] while one was away: status, who came and left, what changed and by whom, what is gone; not oneself", () => {
    const who = (userId: string) => ({ userId, name: userId, role: "player", presence: "online" }) as Participant;
    const entry = (version: number, by: string): Entry => ({ value: "1", version, by });
    const glimpse = (part: Partial<Glimpse>): Glimpse => ({
      seq: 1,
      status: "live",
      entries: new Map(),
      people: new Map(),
      ...part,
    });
    const before = glimpse({
      seq: 4,
      entries: new Map([
        ["shared/a", entry(1, "kim")],
        ["shared/b", entry(2, "kim")],
        ["shared/c", entry(3, "kim")],
      ]),
      people: new Map([
        ["me", who("me")],
        ["pia", who("pia")],
      ]),
    });
    const after = glimpse({
      seq: 9,
      status: "paused",
      entries: new Map([
        ["shared/a", entry(8, "pia")],
        ["shared/b", entry(2, "kim")],
        ["shared/d", entry(5, "zed")],
      ]),
      people: new Map([["zed", who("zed")]]),
    });
    assert.deepEqual(awayBetween(before, after, 12_000, "me"), {
      span: 12_000,
      commands: 5,
      lines: [
        { what: "status", status: "paused" },
        { what: "came", who: who("zed") },
        { what: "left", who: who("pia") },
        { what: "changed", path: "shared/d", by: "zed" },
        { what: "changed", path: "shared/a", by: "pia" },
        { what: "gone", path: "shared/c" },
      ],
    });
    assert.deepEqual(awayBetween(before, before, 1, "me").lines, []);
  });

  it("[PG32] each end has its word, and a code that nobody knows is a fault", () => {
    const words = ([code, reason]: readonly [number, string]) => STANDING_WORDS[standingAfter(code, reason)];
    assert.deepEqual(
      [
        [4200, ""],
        [410, "session_ended"],
        [4201, ""],
        [4202, ""],
        [403, "banned"],
        [409, "session_full"],
        [403, "approval_needed"],
        [4203, ""],
      ].map((end) => words(end as [number, string])),
      ["Ended", "Ended", "Removed", "Banned", "Banned", "Full", "Waiting", "Removed"],
    );
    assert.equal(standingAfter(4999, "?"), "broken");
    assert.equal(standingAfter(401, "unauthenticated"), "signed-out");
  });

  it("[PG33] times are the viewer's, with the date where it is not today's", () => {
    const now = new Date(2030, 4, 1, 23, 30).getTime();
    assert.equal(whenText(new Date(2030, 4, 1, 9, 5).getTime(), now, "en-GB"), "09:05");
    assert.match(whenText(new Date(2030, 3, 30, 23, 50).getTime(), now, "en-GB"), /^30 Apr.*23:50$/);
    assert.match(whenText(new Date(2029, 3, 30).getTime(), now, "en-GB"), /2029/);
    assert.deepEqual([spanText(4), spanText(61), spanText(3 * 3600 + 5 * 60)], ["4 s", "1 min", "3 h 05 min"]);
    assert.deepEqual(
      [countdownText(4001), countdownText(0), countdownText(-5), countdownText(61_000)],
      ["0:05", "0:00", "0:00", "1:01"],
    );
  });

  it("[PG34] an invite is good until it is revoked, expired or used up", () => {
    const invite = {
      id: "i",
      role: "player",
      label: null,
      maxUses: 2,
      uses: 1,
      expiresAt: new Date(at(10)).toISOString(),
      revokedAt: null,
      createdAt: "",
      createdBy: "gwen",
    } as const;
    assert.equal(inviteState(invite, at(9)), "good");
    assert.equal(inviteState(invite, at(10)), "expired");
    assert.equal(inviteState({ ...invite, uses: 2 }, at(9)), "used up");
    assert.equal(inviteState({ ...invite, revokedAt: new Date(at(1)).toISOString() }, at(9)), "revoked");
  });

  it("[PG35] only what is a roll is shown as one", () => {
    const roll = { n: 1, by: "pia", dice: "1d20", rolled: [7], total: 7, at: 1 };
    assert.deepEqual(rollsIn([roll, null, "x", { ...roll, rolled: ["7"] }]), [roll]);
    assert.deepEqual([rollsIn(undefined), rollsIn("x")], [[], []]);
  });
});
