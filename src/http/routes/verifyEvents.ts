import { NOTHING_VERIFIED, verifyChain } from "../../core/audit.ts";
import { findSession, gmOnly } from "../access.ts";
import { route } from "../route.ts";
import { VerdictShape } from "../shapes/record.ts";

const PAGE = 1000;

export const verifyEvents = route({
  method: "GET",
  path: "/api/sessions/:sessionId/events/verify",
  id: "verifyEvents",
  summary: "Check the hash chain of a session's audit trail",
  who: "GM",
  find: findSession,
  may: gmOnly,
  answers: { 200: { description: "`firstBrokenAt` is null if it is valid", schema: VerdictShape } },
  problems: ["forbidden", "banned"],
  async handle({ deps, params }) {
    let verdict = NOTHING_VERIFIED;
    let after = 0;
    for (;;) {
      const events = await deps.stores.log.events(params.sessionId, after, PAGE);
      verdict = verifyChain(events, verdict);
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE || last.n <= after) return { status: 200, json: verdict };
      after = last.n;
    }
  },
});
