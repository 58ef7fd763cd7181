import { loadPage } from "../page.ts";
import { openRoute } from "../route.ts";

const page = loadPage("./pages/documentation.html");

export const documentation = openRoute({
  method: "GET",
  path: "/docs",
  id: "documentation",
  summary: "A page for this description",
  who: "anybody",
  answers: { 200: { description: "The page", mediaType: "text/html" } },
  handle: () => page(),
});
