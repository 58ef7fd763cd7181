import fc from "fast-check";
import type { WrittenLog } from "./written-log.ts";

const person = fc.constantFrom("gm", "kim", "lee", "__proto__", "🎲");
const path = fc.constantFrom("shared/a", "shared/b", "players/kim/hp", "gm/__proto__", "private/lee/x", "table/1/2/3");
const inviteId = fc.constantFrom("i1", "i2", "i3");
const value = fc.option(fc.json({ maxDepth: 1 }), { freq: 3 });

/** One thing that may happen next. What does not fit (an invite that does not exist) is not written. */
export type Happening = (log: WrittenLog) => void;

/** Everything that may happen in a session before its end, at random. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ person, changes: fc.array(fc.tuple(path, value), { maxLength: 4 }), result: fc.option(fc.json()) }).map(
    ({ person, changes, result }): Happening =>
      (log) => {
        log.command(person, changes, result === null ? {} : { result });
      },
  ),
  fc.tuple(person, fc.option(inviteId)).map(
    ([userId, id]): Happening =>
      (log) => {
        if (id === null || log.state.invites.has(id)) log.joined(userId, { inviteId: id });
      },
  ),
  fc.tuple(inviteId, fc.integer({ min: 1, max: 9 })).map(
    ([id, maxUses]): Happening =>
      (log) => {
        if (log.state.invites.has(id)) log.write({ kind: "invite", change: { what: "revoked", inviteId: id } });
        else log.invited(id, { maxUses });
      },
  ),
  fc.tuple(person, fc.boolean()).map(
    ([userId, ban]): Happening =>
      (log) => {
        const said = [{ kind: "participant.removed", by: "gm", data: { userId } } as const];
        log.write({ kind: "place", change: { what: "removed", userId, ban } }, said);
      },
  ),
  fc.tuple(person, fc.constantFrom("left", "unbanned")).map(
    ([userId, what]): Happening =>
      (log) => {
        const kind = what === "left" ? "participant.left" : "participant.unbanned";
        log.write({ kind: "place", change: { what, userId } as const }, [{ kind, by: userId }]);
      },
  ),
  fc.tuple(person, fc.constantFrom("dropped", "reconnected", "idle", "online")).map(
    ([userId, what]): Happening =>
      (log) => {
        log.happened(`participant.${what}`, userId);
      },
  ),
  fc.tuple(person, fc.option(inviteId), fc.string({ maxLength: 5 })).map(
    ([userId, id, message]): Happening =>
      (log) => {
        log.knocked(userId, { message, via: id === null ? "member" : `invite:${id}` });
      },
  ),
  fc.tuple(person, fc.constantFrom("admit", "deny", "lapse")).map(
    ([userId, answer]): Happening =>
      (log) => {
        if (answer === "lapse") log.write({ kind: "knock", change: { what: "lapsed", userIds: [userId, "kim"] } });
        else if (!log.state.knocks.has(userId)) return;
        else if (answer === "admit") log.admitted(userId);
        else log.denied(userId, "no");
      },
  ),
  fc.constantFrom("open", "approve").map(
    (admission): Happening =>
      (log) => {
        log.write({ kind: "settings", settings: { admission } });
      },
  ),
  fc.constantFrom("live", "paused").map(
    (status): Happening =>
      (log) => {
        log.write({ kind: "status", status, by: "gm", reason: "because" });
      },
  ),
  person.map(
    (userId): Happening =>
      (log) => {
        log.write({ kind: "place", change: { what: "role", userId, role: "gm", name: "N", via: "member" } });
      },
  ),
  fc.integer({ min: 1, max: 3600 }).map(
    (idleAfter): Happening =>
      (log) => {
        log.write({ kind: "settings", settings: { idleAfter }, title: `T${idleAfter}` });
      },
  ),
  fc.integer({ min: 0, max: 100 }).map(
    (seconds): Happening =>
      (log) => {
        const aliveUntil = log.now + seconds * 500;
        log.after(seconds).opened(`p${seconds}`, [{ kind: "session.restored", by: null, data: { aliveUntil } }]);
      },
  ),
  fc.tuple(person, fc.integer({ min: 1, max: 3 })).map(
    ([userId, n]): Happening =>
      (log) => {
        log.after(0.3).write({ kind: "audit" }, [], { sockets: Object.fromEntries([[userId, n]]) });
      },
  ),
);
