import { z } from "zod";
import type { AuditEvent } from "../../core/record.ts";
import { findSession, membersOnly } from "../access.ts";
import { After, Limit } from "../paging.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { EventPageShape } from "../shapes/record.ts";

/** What members who are no GMs see besides `session.*`. */
const FOR_MEMBERS: ReadonlySet<string> = new Set(["participant.joined", "participant.left", "host.changed"]);

export const listEvents = route({
  method: "GET",
  path: "/api/sessions/:sessionId/events",
  id: "listEvents",
  summary: "A session's audit trail",
  who: "GM; other members: `session.*`, `participant.joined`, `participant.left` and `host.changed`",
  session: sessionInPath,
  find: findSession,
  may: membersOnly,
  query: z.object({ after: After, limit: Limit }),
  answers: {
    200: {
      description: "By rising `n`; `nextAfter` is the last `n` examined, null when nothing follows now",
      schema: EventPageShape,
    },
  },
  problems: ["forbidden", "banned"],
  async handle({ deps, params }, { found, query: { after, limit } }) {
    const events = await deps.stores.log.events(params.sessionId, after, limit + 1);
    const examined = events.slice(0, limit);
    return {
      status: 200,
      json: {
        items: found.role === "gm" ? examined : examined.filter(isForMembers),
        nextAfter: events.length > limit ? examined.at(-1)!.n : null,
      },
    };
  },
});

function isForMembers({ kind }: AuditEvent): boolean {
  return kind.startsWith("session.") || FOR_MEMBERS.has(kind);
}
