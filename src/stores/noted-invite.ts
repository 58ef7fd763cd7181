import type { Invite } from "../core/session.ts";

/** What a former program did not note of an invite beside the log: it counts as older than every removal. */
export const NOT_NOTED: Pick<Invite, "removalsBefore"> = { removalsBefore: 0 };
