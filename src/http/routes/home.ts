import type { HttpDeps } from "../deps.ts";
import { loadPage } from "../page.ts";
import type { Arriving } from "../proxies.ts";
import { openRoute } from "../route.ts";

const page = loadPage("./pages/home.html");

export const home = openRoute({
  method: "GET",
  path: "/",
  id: "home",
  summary: "What this is and, in dev login, the demo campaign",
  who: "anybody",
  answers: { 200: { description: "The page", mediaType: "text/html" } },
  handle: ({ deps, request }) => page(demoOf(deps, request)),
});

/** The demo is for who may use dev login alone: nobody else could get its people's tokens. */
function demoOf({ config, demo, hasPages = false, origins }: HttpDeps, request: Arriving) {
  const isShown = config.auth.devLogin && demo !== undefined && origins.mayUseDevLogin(request);
  return isShown ? { ...demo, hasPages } : null;
}
