import { isObject, type Stored } from "./upgrade.ts";

/** As it was when format 2 was made. */
const NEWEST_OF_SESSION = 8192;

/**
 * A snapshot of format 1 in format 2. Format 1 kept the newest 512 ids of everybody who was ever there; format 2 keeps
 * those of people with a place, and of everybody else what is among the session's newest 8,192.
 */
export function withoutFormerPeoplesAnswers(snapshot: Stored): Stored {
  const answers: unknown[] = Array.isArray(snapshot.answers) ? snapshot.answers : [];
  const places: unknown[] = Array.isArray(snapshot.places) ? snapshot.places : [];
  const placed = new Set(places.map((place) => (isObject(place) ? place.userId : undefined)));
  // In the order of commit: whatever is among the session's newest is known, so that these are the last ones.
  const ofSession = answers.length - NEWEST_OF_SESSION;
  const kept = answers.filter((answer, i) => i >= ofSession || (Array.isArray(answer) && placed.has(answer[0])));
  return { ...snapshot, answers: kept };
}

/**
 * A snapshot of format 2 in format 3, which counts the objects that viewers were shown (`nextObjectId`), and says whose place
 * was taken from them (`attendance`, `evicted`). Format 2 said neither: nobody was shown anything by a program with today's
 * schema.
 */
export function withObjectNumbers(snapshot: Stored): Stored {
  const attendance = Array.isArray(snapshot.attendance) ? snapshot.attendance : [];
  return {
    nextObjectId: 0,
    firstObjectId: 0,
    ...snapshot,
    attendance: attendance.map(([userId, person]: [string, unknown]) => [
      userId,
      isObject(person) ? { evicted: null, ...person } : person,
    ]),
  };
}

/** A snapshot of format 3 in format 4: an invite says how many members the campaign had taken out before. */
export function withRemovalsBefore(snapshot: Stored): Stored {
  const invites: unknown[] = Array.isArray(snapshot.invites) ? snapshot.invites : [];
  return { ...snapshot, invites: invites.map((one) => (isObject(one) ? { removalsBefore: 0, ...one } : one)) };
}

/** A snapshot of format 4 in format 5, which knows the waiting room: a session of before is open, and nobody waits. */
export function withKnocks(snapshot: Stored): Stored {
  const settings = isObject(snapshot.settings) ? snapshot.settings : {};
  return { knocks: [], ...snapshot, settings: { ...settings, admission: settings.admission ?? "open" } };
}
