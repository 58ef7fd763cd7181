import type { RecordContent } from "./record.ts";
import type { Knock } from "./session.ts";
import type { SessionState } from "./state.ts";

type Change = Extract<RecordContent, { kind: "knock" }>["change"];

/** Those who wait, in the order in which they came. */
export function waiting({ knocks }: Pick<SessionState, "knocks">): Knock[] {
  return [...knocks.values()].filter(({ status }) => status === "waiting");
}

/** What a record of the waiting room does to a session. @param at ms since 1970 */
export function foldKnock(state: SessionState, change: Change, at: number): void {
  const { knocks } = state;
  switch (change.what) {
    case "asked": {
      const { userId } = change.knock;
      const isWaiting = knocks.get(userId)?.status === "waiting";
      if (!isWaiting) knocks.delete(userId); // who asks anew stands at the end
      if (!isWaiting) state.nextObjectId += 1;
      knocks.set(userId, change.knock);
      return;
    }
    case "admitted":
      answered(state, change.userId, admittedAt(at, false));
      return;
    case "denied":
      answered(state, change.userId, { status: "denied", answeredAt: at, reason: change.reason });
      return;
    case "lapsed":
      for (const userId of change.userIds) knocks.delete(userId);
      return;
    default:
      change satisfies never;
  }
}

/** Everybody may come in: so may those who wait, and whoever was admitted and has not joined has no more than that. */
export function openDoor(state: SessionState): void {
  if (state.settings.admission === "open") return;
  for (const knock of state.knocks.values()) {
    if (knock.status === "waiting") answered(state, knock.userId, admittedAt(state.lastAt, true));
    else if (knock.status === "admitted" && !knock.joined) answered(state, knock.userId, { passing: true });
  }
}

/** Somebody has a place: their knock is over, and whoever was admitted stays so. */
export function knockerJoined({ knocks }: SessionState, userId: string): void {
  const knock = knocks.get(userId);
  if (knock === undefined) return;
  if (knock.status === "admitted") knocks.set(userId, { ...knock, joined: true, passing: false });
  else knocks.delete(userId);
}

/** A removal takes back that somebody was admitted; with a ban nothing is left of their knock. */
export function knockerRemoved({ knocks }: SessionState, userId: string, ban: boolean): void {
  if (ban || knocks.get(userId)?.status === "admitted") knocks.delete(userId);
}

function admittedAt(answeredAt: number, passing: boolean): Partial<Knock> {
  return { status: "admitted", answeredAt, message: "", reason: null, joined: false, passing };
}

function answered({ knocks }: SessionState, userId: string, answer: Partial<Knock>): void {
  const knock = knocks.get(userId)!;
  knocks.set(userId, { ...knock, ...answer });
}
