import type { HttpDeps } from "../deps.ts";
import { loadPage } from "../page.ts";
import { openRoute } from "../route.ts";

const page = loadPage("./pages/home.html");

export const home = openRoute({
  method: "GET",
  path: "/",
  id: "home",
  summary: "What this is and, in dev login, the demo campaign",
  who: "anybody",
  answers: { 200: { description: "The page", mediaType: "text/html" } },
  handle: ({ deps }) => page(demoOf(deps)),
});

/** The demo is for dev login alone: elsewhere nobody could get its people's tokens. */
function demoOf({ config, demo, hasPages = false }: HttpDeps) {
  return config.auth.devLogin && demo !== undefined ? { ...demo, hasPages } : null;
}
