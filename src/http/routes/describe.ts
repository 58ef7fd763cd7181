import { openRoute } from "../route.ts";

export const describe = openRoute({
  method: "GET",
  path: "/openapi.json",
  id: "describe",
  summary: "This description, in OpenAPI 3.1",
  who: "anybody",
  answers: { 200: { description: "OpenAPI 3.1" } },
  handle: ({ deps }) => ({ status: 200, json: deps.openapi() }),
});
