import { faultOf } from "../../ops/log.ts";
import { setCookie, viewerBy } from "../monitor/viewer.ts";
import { loadPage } from "../page.ts";
import { isProblem, notFound, type Problem, unavailable } from "../problem.ts";
import { type Answer, type OpenAsking, openRoute, type Route } from "../route.ts";

const signIn = loadPage("./pages/monitor-sign-in.html");
const PAGE: Route["answers"] = {
  200: { description: "The panel", mediaType: "text/html" },
  303: { description: "To the panel: the ticket was swapped for a cookie, or `/monitor` was asked for" },
  401: { description: "A page on which one signs in", mediaType: "text/html" },
  403: { description: "The same page, for a GM of nothing any more", mediaType: "text/html" },
};

/** The panel, and its way in. */
export const monitorPage: readonly Route[] = [
  openRoute({
    method: "GET",
    path: "/monitor",
    id: "openMonitor",
    summary: "The Colyseus monitor: every room's figures for operators, those of their own campaigns for GMs",
    who: "whoever shows a ticket (`createMonitorTicket`) or a cookie",
    answers: PAGE,
    handle: enter,
  }),
  openRoute({
    method: "GET",
    path: "/monitor/",
    id: "monitorPanel",
    summary: "The panel itself",
    who: "whoever shows a cookie",
    answers: PAGE,
    async handle(asking) {
      const viewer = await viewerBy(asking);
      if (isProblem(viewer)) return refusal(viewer, asking);
      return (await orUnavailable(asking, () => asking.deps.monitorPanel.page())) ?? notFound();
    },
  }),
  openRoute({
    method: "GET",
    path: "/monitor/assets/:file",
    id: "monitorAsset",
    summary: "What the panel is made of",
    who: "whoever shows a cookie",
    find: viewerBy,
    answers: { 200: { description: "The file", mediaType: "*/*" } },
    problems: ["unauthenticated", "forbidden"],
    async handle(asking) {
      const { deps, params, request } = asking;
      return (await orUnavailable(asking, () => deps.monitorPanel.asset(params.file, request))) ?? notFound();
    },
  }),
];

async function enter(asking: OpenAsking): Promise<Answer | Problem> {
  const { deps, request, response } = asking;
  const { ticket } = request.query;
  // What only looks whether something is there uses nothing up.
  if (typeof ticket === "string" && request.method !== "HEAD") {
    const cookie = await deps.monitorPasses.redeem(ticket);
    if (cookie !== undefined) {
      setCookie(response, request, cookie, deps);
      return toPanel();
    }
  }
  const viewer = await viewerBy(asking);
  return isProblem(viewer) ? refusal(viewer, asking) : toPanel();
}

function toPanel(): Answer {
  return { status: 303, text: "", headers: { Location: "/monitor/", "Cache-Control": "no-store" } };
}

/** @returns the page on which one signs in, with the status of the refusal */
function refusal(refused: Problem, { deps, request }: OpenAsking): Answer | Problem {
  if (refused.problem !== "unauthenticated" && refused.problem !== "forbidden") return refused;
  const mayUseDevLogin = deps.config.auth.devLogin && deps.origins.mayUseDevLogin(request);
  const people = mayUseDevLogin ? (deps.site?.people ?? []) : [];
  const isRefused = refused.problem === "forbidden";
  const page = signIn({ people, isRefused });
  if (!("text" in page)) return page;
  const challenge = isRefused ? {} : { "WWW-Authenticate": "Bearer" };
  return {
    ...page,
    status: isRefused ? 403 : 401,
    headers: { ...page.headers, ...challenge, "Cache-Control": "no-store" },
  };
}

/** The package that has the panel may be missing from an installation. */
async function orUnavailable<T>({ deps }: OpenAsking, read: () => Promise<T>): Promise<T | Problem> {
  try {
    return await read();
  } catch (error) {
    deps.log.error(faultOf(error), "the monitor's panel cannot be read");
    return unavailable();
  }
}
