import { z } from "zod";
import { holdKnock } from "../held-knocks.ts";
import { decideAtDoor, findKnocker } from "../knocker.ts";
import { whole } from "../paging.ts";
import { isProblem, notFound, type Problem, problem } from "../problem.ts";
import { type Answer, type Asking, route } from "../route.ts";
import { sessionInPath } from "../session-asked.ts";
import { KnockStatus } from "../shapes/knock.ts";

const RETRY_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 25;

export const getMyKnock = route({
  method: "GET",
  path: "/api/sessions/:sessionId/knocks/mine",
  id: "getMyKnock",
  summary: "How it stands with your knock",
  who: "whoever has knocked and could still join if it were open",
  session: sessionInPath,
  heldMs: LONGEST_WAIT_SECONDS * 1_000,
  find: async (asking: Asking<"sessionId">) => {
    const found = await findKnocker(asking);
    return isProblem(found) || found.hasKnocked ? found : notFound();
  },
  query: z.object({
    wait: whole(0, LONGEST_WAIT_SECONDS)
      .default(0)
      .meta({ description: "holds the answer so many seconds while it is `waiting`; any change ends that" }),
  }),
  answers: {
    200: {
      description: "`reason` is that of a denial, if one was given",
      schema: z.strictObject({ status: KnockStatus, reason: z.string().nullable() }),
    },
  },
  problems: ["banned", "rate_limited"],
  async handle(asking, { query }) {
    const { clock } = asking.deps;
    let endHeld = (): void => {};
    asking.response.once("close", () => endHeld());
    const hold: OnHeld = (end) => {
      endHeld = end;
    };
    const until = clock.steady() + query.wait * 1_000;
    for (;;) {
      // Each time with the rights of that moment: they may have ended while the answer was held.
      const answer = await look(asking, until - clock.steady(), hold);
      if (answer !== "look again") return answer;
    }
  },
});

/** Takes what ends the wait for an answer that nobody is there for any more. */
type OnHeld = (end: () => void) => void;

/** Answers how it stands, or waits until that may have changed. @param leftMs to wait at most */
function look(asking: Asking<"sessionId">, leftMs: number, onHeld: OnHeld): Promise<Answer | Problem | "look again"> {
  const { claims, deps, response } = asking;
  return decideAtDoor<Answer | Problem | Promise<"look again">>(asking, undefined, (session, { mustWait }) => {
    const knock = session.committed.knocks.get(claims.userId);
    if (knock === undefined) return notFound();
    if (!mustWait) return answerOf("admitted", null);
    if (knock.status === "denied") return answerOf("denied", knock.reason);
    // What admitted them then does not any more.
    if (knock.status === "admitted") return notFound();
    if (leftMs <= 0 || response.destroyed || !session.open) return answerOf("waiting", null);
    const ms = Math.min(leftMs, claims.expiresAt - deps.clock.now());
    const held = holdKnock(session, claims.userId, ms, deps.clock, onHeld);
    return held === "too_many" ? tooMany() : held.then(() => "look again");
  });
}

function answerOf(status: z.output<typeof KnockStatus>, reason: string | null): Answer {
  return { status: 200, json: { status, reason } };
}

function tooMany(): Problem {
  return problem("rate_limited", "Too many answers are waited for. Ask again a little later.", {
    headers: { "Retry-After": String(RETRY_SECONDS) },
  });
}
