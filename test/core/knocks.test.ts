import assert from "node:assert/strict";
import { AccessChanges, factsOf } from "../../src/core/access-list.ts";
import {
  type Asker,
  DENIED_FOR_MS,
  decideAnswer,
  decideKnock,
  MAX_DENIED,
  MAX_WAITING,
  needsApproval,
  oldestDenial,
  stillStands,
} from "../../src/core/knocks.ts";
import type { Knock } from "../../src/core/session.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { readSnapshot, writeSnapshot } from "../../src/core/snapshot.ts";
import { WrittenLog } from "../support/written-log.ts";

const APPROVE = { ...DEFAULT_SETTINGS, admission: "approve" } as const;
const asker = (userId: string, more: Partial<Asker> = {}): Asker => {
  return { userId, name: `${userId}!`, role: "player", via: "member", removal: 0, ...more };
};

describe("the waiting room's rules", () => {
  let log: WrittenLog;
  beforeEach(() => {
    log = WrittenLog.begun({ settings: APPROVE, maxParticipants: 500 });
  });
  const knockOf = (userId: string) => log.state.knocks.get(userId);
  const mustWait = (userId: string, { role = "player" as const, removal = 0 } = {}) =>
    needsApproval(log.state, { role, hasPlace: log.state.places.has(userId), removal }, knockOf(userId));
  const decide = (userId: string, message?: string, more: Partial<Asker> = {}) =>
    decideKnock(log.state, asker(userId, more), message, log.now);
  /** Knocks, and has it recorded. @returns what they are told */
  const knock = (userId: string, message?: string) => {
    const outcome = decide(userId, message);
    if (outcome === "too_many") return outcome;
    if (outcome.knock !== undefined) log.write({ kind: "knock", change: { what: "asked", knock: outcome.knock } });
    return outcome.status;
  };
  const set = (admission: "open" | "approve") => log.write({ kind: "settings", settings: { admission } });

  it("[V40] with `approve` whoever is no GM, has no place and was not admitted has to wait; else and at the end nobody", () => {
    assert.equal(mustWait("kim"), true);
    assert.equal(needsApproval(log.state, { role: "gm", hasPlace: false, removal: 0 }, undefined), false);
    assert.equal(needsApproval(log.state, { role: "spectator", hasPlace: false, removal: 0 }, undefined), true);
    log.joined("lee");
    assert.equal(mustWait("lee"), false);
    log.write({ kind: "place", change: { what: "left", userId: "lee" } });
    assert.equal(mustWait("lee"), true, "a place is not an admission");
    set("open");
    assert.equal(mustWait("kim"), false);
    set("approve");
    log.write({ kind: "status", status: "ended", by: "gm", reason: "" });
    assert.equal(mustWait("kim"), false, "reading stays");
  });

  it("[V41] who may come in at once is admitted and leaves no knock", () => {
    log.joined("lee");
    assert.deepEqual(decide("lee"), { status: "admitted" });
    assert.deepEqual(decide("mia", undefined, { role: "gm" }), { status: "admitted" });
    set("open");
    assert.deepEqual(decide("kim"), { status: "admitted" });
    assert.equal(log.state.knocks.size, 0);
  });

  it("[V41] a second knock changes what they say alone, and keeps their turn; one without news is not recorded", () => {
    assert.equal(knock("kim", "me"), "waiting");
    log.after(5);
    assert.equal(knock("lee"), "waiting");
    assert.deepEqual(decide("kim"), { status: "waiting" });
    assert.deepEqual(decide("kim", "me"), { status: "waiting" });
    const { nextObjectId } = log.state;
    assert.equal(knock("kim", "it's me"), "waiting");
    assert.equal(log.state.nextObjectId, nextObjectId, "it is the same knock that is shown");
    assert.deepEqual([knockOf("kim")?.message, knockOf("kim")?.since], ["it's me", log.now - 5_000]);
    assert.deepEqual([...log.state.knocks.keys()], ["kim", "lee"]);
    assert.equal(knock("kim", ""), "waiting");
    assert.equal(knockOf("kim")?.message, "", "what was said can be taken back");
  });

  it("[V42] 100 wait at most; whoever waits already may say more, and an answer makes room", () => {
    for (let n = 0; n < MAX_WAITING; n++) assert.equal(knock(`p${n}`), "waiting");
    assert.equal(knock("kim"), "too_many");
    assert.equal(knock("p5", "hello"), "waiting");
    log.admitted("p5");
    assert.equal(knock("kim"), "waiting");
    assert.equal(knock("lee"), "too_many");
  });

  it("[V43] who was denied is denied for 30 s, may be admitted all the same, and then waits anew", () => {
    knock("kim", "please");
    log.denied("kim", "not tonight");
    assert.equal(mustWait("kim"), true);
    log.now += DENIED_FOR_MS - 1;
    assert.deepEqual(decide("kim", "oh come on"), { status: "denied" });
    assert.equal(
      decideAnswer(log.state, "kim", "admit", () => false),
      "news",
    );
    log.now += 1;
    assert.equal(knock("kim"), "waiting");
    const { reason, message, since } = knockOf("kim")!;
    assert.deepEqual([reason, message, since], [null, "", log.now]);
    log.denied("kim");
    log.now -= 3_600_000;
    assert.equal(knock("kim"), "waiting", "a clock that was set back makes nobody wait longer");
  });

  it("[V43] an answer once more changes nothing; who did not knock, or is admitted, cannot be denied", () => {
    const decided = (userId: string, answer: "admit" | "deny", isListed = true) =>
      decideAnswer(log.state, userId, answer, () => isListed);
    for (const answer of ["admit", "deny"] as const) assert.equal(decided("kim", answer), "not_found");
    knock("kim");
    for (const answer of ["admit", "deny"] as const) {
      assert.equal(decided("kim", answer), "news");
      assert.equal(decided("kim", answer, false), "not_found", "what let them ask is gone");
    }
    log.denied("kim");
    assert.equal(decided("kim", "deny"), "unchanged");
    log.admitted("kim");
    assert.equal(decided("kim", "admit"), "unchanged");
    assert.equal(decided("kim", "deny"), "not_found");
  });

  it("[V44] who is admitted may come in, and again after leaving, until removed, banned or taken out of the campaign", () => {
    knock("kim", "secret");
    log.admitted("kim");
    assert.deepEqual([mustWait("kim"), knockOf("kim")?.message], [false, ""]);
    log.joined("kim");
    log.write({ kind: "place", change: { what: "left", userId: "kim" } });
    assert.equal(mustWait("kim"), false);
    assert.equal(mustWait("kim", { removal: 1 }), true, "taken out since");
    log.write({ kind: "place", change: { what: "removed", userId: "kim", ban: false } });
    assert.deepEqual([mustWait("kim"), knockOf("kim")], [true, undefined]);
    for (const answer of ["none", "denied", "admitted"] as const) {
      log.knocked("lee");
      if (answer === "denied") log.denied("lee");
      if (answer === "admitted") log.admitted("lee");
      log.write({ kind: "place", change: { what: "removed", userId: "lee", ban: true } });
      assert.equal(knockOf("lee"), undefined, answer);
    }
    log.knocked("mo");
    log.write({ kind: "place", change: { what: "removed", userId: "mo", ban: false } });
    assert.equal(knockOf("mo")?.status, "waiting", "a removal of somebody who only waits is none");
  });

  it("[V45] back to `open` everybody who waits is admitted; at the next `approve` those who joined stay so, others knock again", () => {
    for (const userId of ["kim", "lee", "mo", "pia"]) knock(userId);
    log.admitted("mo");
    log.admitted("pia");
    log.joined("pia");
    log.write({ kind: "place", change: { what: "left", userId: "pia" } });
    set("open");
    set("open");
    assert.deepEqual(
      [...log.state.knocks.values()].map(({ status }) => status),
      ["admitted", "admitted", "admitted", "admitted"],
    );
    log.joined("kim");
    log.write({ kind: "place", change: { what: "left", userId: "kim" } });
    set("approve");
    assert.deepEqual(
      ["kim", "lee", "mo", "pia"].map((userId) => mustWait(userId)),
      [false, true, true, false],
    );
    assert.equal(
      decideAnswer(log.state, "lee", "admit", () => true),
      "not_found",
    );
    assert.equal(knock("lee"), "waiting");
  });

  it("[V46] a knock ends with the session, with the join, and with what let them ask", () => {
    const invite = log.invited("i1", { maxUses: 1 });
    const made = { id: invite.id, expiresAt: invite.expiresAt };
    const by = (more: Partial<Knock> = {}) => ({ ...knockOf("ana")!, ...more });
    const nobody = { memberRole: undefined, removal: 0 };
    log.knocked("ana", { via: "invite:i1" });
    const stands = (person: Parameters<typeof stillStands>[2] = nobody, now = log.now, which = by()) =>
      stillStands(log.state, which, person, now);
    assert.equal(stands(), true);
    assert.equal(stands(nobody, made.expiresAt), false, "expired");
    assert.equal(stands({ memberRole: "player", removal: 0 }, made.expiresAt), true, "a member by now");
    assert.equal(stands({ memberRole: undefined, removal: 1 }), false, "taken out after the invite was made");
    assert.equal(stands(nobody, log.now, by({ via: "member" })), false, "a member no more");
    log.joined("ben", { inviteId: "i1" });
    assert.equal(stands(), false, "used up by somebody else");
    assert.equal(stillStands(log.state, { ...by(), userId: "ben" }, nobody, made.expiresAt), true, "an invitee");
    log.write({ kind: "invite", change: { what: "revoked", inviteId: "i1" } });
    assert.equal(stillStands(log.state, { ...by(), userId: "ben" }, nobody, log.now), false, "revoked");
    log.write({ kind: "place", change: { what: "removed", userId: "ana", ban: true } });
    assert.equal(stillStands(log.state, { ...asked("ana") }, { memberRole: "player", removal: 0 }, log.now), false);
    assert.equal(stillStands(log.state, { ...asked("ana") }, { memberRole: "gm", removal: 0 }, log.now), true);
    log.knocked("kim");
    log.joined("kim");
    assert.equal(knockOf("kim"), undefined);
    log.knocked("lee");
    log.write({ kind: "status", status: "ended", by: "gm", reason: "" });
    assert.equal(log.state.knocks.size, 0);
  });
  const asked = (userId: string): Knock => log.state.knocks.get(userId) ?? { ...WAITED, userId };
  const WAITED: Knock = {
    userId: "",
    status: "waiting",
    name: "",
    role: "player",
    via: "member",
    since: 0,
    message: "",
    answeredAt: 0,
    reason: null,
    removal: 0,
    joined: false,
    passing: false,
  };

  it("[V46] 500 denials are remembered, the newest", () => {
    for (let n = 0; n <= MAX_DENIED; n++) {
      log.after(1).knocked(`p${n}`);
      log.denied(`p${n}`);
    }
    assert.equal(oldestDenial(log.state), "p0");
    log.write({ kind: "knock", change: { what: "lapsed", userIds: ["p0"] } });
    assert.equal(oldestDenial(log.state), undefined);
  });

  it("[V47] is in snapshots and in what is kept beside the log; who did not knock cannot be answered by a record", () => {
    const changes = new AccessChanges();
    knock("kim", "it's me 🎲");
    knock("lee");
    log.denied("lee", "no");
    knock("mo");
    log.admitted("mo");
    for (const record of log.records) changes.add(record);
    assert.deepEqual([...changes.people], ["kim", "lee", "mo"]);
    const { text, sha256 } = writeSnapshot(log.state);
    assert.deepEqual(readSnapshot(text, sha256).knocks, log.state.knocks);
    assert.deepEqual(log.state.clone().knocks, log.state.knocks);
    assert.deepEqual(factsOf(log.state, "lee").knock, { status: "denied", via: "member", removal: 0, passing: false });
    assert.equal(changes.knocks, false);
    changes.add(set("open"));
    assert.equal(changes.knocks, true);
    for (const what of ["admitted", "denied"] as const) {
      const change = { what, userId: "nobody", reason: null } as never;
      assert.throws(() => log.write({ kind: "knock", change }), /it answers somebody who did not knock/);
    }
  });
});
