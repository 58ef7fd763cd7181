import { z } from "zod";
import { findSession, gmOnly } from "../access.ts";
import { After, Limit } from "../paging.ts";
import { route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { iso } from "../shapes/fields.ts";
import { CommandPageShape } from "../shapes/record.ts";

export const listCommands = route({
  method: "GET",
  path: "/api/sessions/:sessionId/commands",
  id: "listCommands",
  summary: "Who did what: no paths, no values",
  who: "GM",
  session: sessionInPath,
  find: findSession,
  may: gmOnly,
  query: z.object({ after: After, limit: Limit }),
  answers: {
    200: {
      description: "By rising `seq`; a batch is one item `batch`, a continuation `continue`",
      schema: CommandPageShape,
    },
  },
  problems: ["forbidden", "banned"],
  async handle({ deps, params }, { query: { after, limit } }) {
    const traces = await deps.stores.log.commands(params.sessionId, after, limit + 1);
    const shown = traces.slice(0, limit);
    const items = shown.map(({ seq, at, userId, action }) => ({ seq, at: iso(at), userId, action }));
    return { status: 200, json: { items, nextAfter: traces.length > limit ? items.at(-1)!.seq : null } };
  },
});
