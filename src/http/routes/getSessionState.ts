import { canRead, isHidden } from "../../core/paths.ts";
import type { Entry } from "../../core/session.ts";
import { admittedOnly, findSession } from "../access.ts";
import { notFound } from "../problem.ts";
import { route } from "../route.ts";
import { StateShape } from "../shapes/record.ts";

export const getSessionState = route({
  method: "GET",
  path: "/api/sessions/:sessionId/state",
  id: "getSessionState",
  summary: "What you may see of a session's entries, of an ended one too",
  who: "member or invitee",
  find: findSession,
  may: admittedOnly,
  answers: { 200: { description: "As for a room join of that person", schema: StateShape } },
  problems: ["banned", "approval_needed"],
  async handle({ deps, params, claims }, { found: { role } }) {
    const state = await deps.running.read(params.sessionId);
    if (state === undefined) return notFound();
    const entries: [path: string, entry: Entry][] = [];
    const hidden: [path: string, entry: Entry][] = [];
    for (const [path, { value, version, by }] of state.entries) {
      if (!canRead(path, { userId: claims.userId, role })) continue;
      (isHidden(path) ? hidden : entries).push([path, { value, version, by }]);
    }
    const { seq, status } = state;
    return {
      status: 200,
      json: { seq, status, entries: Object.fromEntries(entries), hidden: Object.fromEntries(hidden) },
    };
  },
});
