import { type AccessList, inviteIdIn, inviteUsable, isInvitee, type KnockFacts, type Outsider } from "./access-list.ts";
import { waiting } from "./knock-fold.ts";
import type { Knock, Role, Settings, Status } from "./session.ts";
import type { SessionState } from "./state.ts";

/** People who wait at one session. */
export const MAX_WAITING = 100;
/** Denials that a session remembers; of more the oldest is forgotten. */
export const MAX_DENIED = 500;
/** Who was denied is denied for so long without a GM having to say so again. */
export const DENIED_FOR_MS = 30_000;

/** A session's door: who comes in freely, and who is asked about. */
export interface DoorRule {
  readonly settings: Pick<Settings, "admission">;
  readonly status: Status;
}

/** Somebody who could come in if everybody might. */
export interface Caller {
  readonly role: Role;
  readonly hasPlace: boolean;
  /** the campaign's removal that took them out last */
  readonly removal: number;
}

/** Whether a GM has to admit somebody first: none has, they are none themselves, and they have no place. */
export function needsApproval(
  { settings, status }: DoorRule,
  { role, hasPlace, removal }: Caller,
  knock: KnockFacts | undefined,
): boolean {
  if (settings.admission === "open" || status === "ended" || role === "gm" || hasPlace) return false;
  return !isAdmitted(knock, removal);
}

/** Whether a GM has admitted them: until they are removed, banned, or taken out of the campaign. */
function isAdmitted(knock: KnockFacts | undefined, removal: number): boolean {
  return knock?.status === "admitted" && !knock.passing && removal <= knock.removal;
}

/** Who asks, as whom they would come in. */
export type Asker = Pick<Knock, "userId" | "name" | "role" | "via" | "removal">;

/** What somebody who asks is told. `knock`: what is to be recorded, if anything. */
export interface KnockOutcome {
  readonly status: Knock["status"];
  readonly knock?: Knock;
}

/**
 * What a knock comes to. Who may come in at once is admitted and leaves none; who was denied just now is denied.
 * @param message undefined: they say nothing new
 * @param now ms since 1970
 */
export function decideKnock(
  state: SessionState,
  asker: Asker,
  message: string | undefined,
  now: number,
): KnockOutcome | "too_many" {
  const { userId, role, removal } = asker;
  const before = state.knocks.get(userId);
  const hasPlace = state.places.has(userId);
  if (!needsApproval(state, { role, hasPlace, removal }, before)) return { status: "admitted" };
  if (before?.status === "denied" && isRecent(before.answeredAt, now)) return { status: "denied" };
  if (before?.status === "waiting") {
    const knock = { ...before, ...asker, message: message ?? before.message };
    return isSame(before, knock) ? { status: "waiting" } : { status: "waiting", knock };
  }
  if (waiting(state).length >= MAX_WAITING) return "too_many";
  const unanswered = { answeredAt: 0, reason: null, joined: false, passing: false } as const;
  const knock: Knock = { ...asker, status: "waiting", since: now, message: message ?? "", ...unanswered };
  return { status: "waiting", knock };
}

/** A clock that was set back makes nobody wait longer. */
function isRecent(at: number, now: number): boolean {
  return now >= at && now - at < DENIED_FOR_MS;
}

function isSame(one: Knock, other: Knock): boolean {
  return (Object.keys(one) as (keyof Knock)[]).every((field) => one[field] === other[field]);
}

/**
 * Whether a GM's answer to somebody's knock is news. A denied one may still be admitted; who is admitted has no knock that could
 * be denied.
 * @param isListed whether what let them ask still does, see `stillStands`
 */
export function decideAnswer(
  { knocks, settings }: SessionState,
  userId: string,
  answer: "admit" | "deny",
  isListed: (knock: Knock) => boolean,
): "news" | "unchanged" | "not_found" {
  const knock = knocks.get(userId);
  if (knock === undefined) return "not_found";
  switch (knock.status) {
    case "waiting":
      return isListed(knock) ? "news" : "not_found";
    case "denied":
      return answer === "admit" ? "news" : "unchanged";
    case "admitted": {
      const isVoid = knock.passing && settings.admission === "approve";
      return answer === "admit" && !isVoid ? "unchanged" : "not_found";
    }
  }
}

/** Somebody who waits, as the campaign's members now stand. */
export interface WaitingPerson {
  /** their role as a member, undefined: they are none */
  readonly memberRole: Role | undefined;
  readonly removal: number;
}

/** Whether what let somebody ask still would: else their knock is over. */
export function stillStands(list: AccessList, knock: Knock, person: WaitingPerson, now: number): boolean {
  const { userId } = knock;
  if (list.banned.has(userId) && person.memberRole !== "gm") return false;
  if (person.memberRole !== undefined) return true;
  const outsider: Outsider = { userId, removal: person.removal };
  if (isInvitee(list, outsider)) return true;
  const invite = list.invites.get(inviteIdIn(knock.via) ?? "");
  return invite !== undefined && inviteUsable(list, invite, outsider, now);
}

/** The denial to forget when there is one more than a session remembers. */
export function oldestDenial({ knocks }: SessionState): string | undefined {
  const denied = [...knocks.values()].filter(({ status }) => status === "denied");
  if (denied.length <= MAX_DENIED) return undefined;
  return denied.reduce((one, other) => (other.answeredAt < one.answeredAt ? other : one)).userId;
}
