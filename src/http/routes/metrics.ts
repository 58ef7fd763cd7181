import { bears, unauthenticated } from "../authenticate.ts";
import { notFound } from "../problem.ts";
import { openRoute } from "../route.ts";

export const metrics = openRoute({
  method: "GET",
  path: "/metrics",
  id: "metrics",
  summary: "Figures for Prometheus",
  who: "anybody; with `METRICS_TOKEN` as bearer where that is set",
  find: ({ deps, request }) => {
    const { metricsToken } = deps.config;
    if (metricsToken !== null && !bears(request, metricsToken)) return unauthenticated();
    return deps.figures ?? notFound();
  },
  answers: { 200: { description: "Prometheus text", mediaType: "text/plain" } },
  problems: ["unauthenticated"],
  handle: async (_asking, { found }) => ({
    status: 200,
    text: await found.ask(),
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
  }),
});
