import { notFound, type Problem, problem } from "../problem.ts";
import { type Answer, type OpenAsking, openRoute, type Route } from "../route.ts";
import type { PageName } from "../site.ts";

const PAGE: Route["answers"] = { 200: { description: "The page", mediaType: "text/html" } };

/** The web app: a page each, which asks for everything else as any client would. Whether a session exists is not told. */
export const pages: readonly Route[] = [
  openRoute({
    method: "GET",
    path: "/",
    id: "homePage",
    summary: "What this is, signing in, and one's campaigns",
    who: "anybody",
    answers: PAGE,
    problems: ["unavailable"],
    handle: (asking) => page("home", asking),
  }),
  openRoute({
    method: "GET",
    path: "/invite/:token",
    id: "invitePage",
    summary: "Accepts an invite; opening it uses nothing up",
    who: "anybody",
    answers: PAGE,
    problems: ["unavailable"],
    handle: (asking) => page("invite", asking),
  }),
  openRoute({
    method: "GET",
    path: "/play/:sessionId",
    id: "playPage",
    summary: "A participant's table",
    who: "anybody",
    answers: PAGE,
    problems: ["unavailable"],
    handle: (asking) => page("play", asking),
  }),
  openRoute({
    method: "GET",
    path: "/console/:sessionId",
    id: "consolePage",
    summary: "The GM's console",
    who: "anybody",
    answers: PAGE,
    problems: ["unavailable"],
    handle: (asking) => page("console", asking),
  }),
  openRoute({
    method: "GET",
    path: "/assets/:file",
    id: "pageAsset",
    summary: "What the pages are made of; a name has its content's hash in it and is kept for ever",
    who: "anybody",
    answers: { 200: { description: "The file", mediaType: "*/*" } },
    handle: ({ deps, params, request }) => deps.site?.asset(params.file, request) ?? notFound(),
  }),
];

function page(name: PageName, { deps, request }: OpenAsking): Answer | Problem {
  if (deps.site === undefined) {
    return problem(
      "unavailable",
      "The pages are not built. `npm run build` builds them; the log says why the start could not.",
    );
  }
  // Nobody else could get the tokens of the demo's people.
  const mayUseDevLogin = deps.config.auth.devLogin && deps.origins.mayUseDevLogin(request);
  return deps.site.page(name, request, mayUseDevLogin, {
    "Content-Security-Policy": policy(deps.proxies.hostOf(request), deps.config.publicAddress !== null),
  });
}

/**
 * Everything from this server alone; no script but its own files, and none that makes code or markup from text.
 * @param host by which we were reached, where that is one
 * @param elsewhere whether tables' sockets may be at other addresses (`PUBLIC_ADDRESS`)
 */
function policy(host: string | null | undefined, elsewhere: boolean): string {
  // Not every browser takes 'self' for sockets too.
  const sockets = elsewhere ? " ws: wss:" : host ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    "base-uri 'none'",
    `connect-src 'self'${sockets}`,
    "font-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
