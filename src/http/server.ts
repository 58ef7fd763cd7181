import express, { type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import { RateWindow } from "../core/rate-window.ts";
import { faultOf } from "../ops/log.ts";
import { cors } from "./cors.ts";
import type { HttpDeps, HttpParts } from "./deps.ts";
import { dispatcher } from "./dispatch.ts";
import { isTemporary, problemOf } from "./failure.ts";
import { openApi } from "./openapi.ts";
import { notFound } from "./problem.ts";
import { requestLog } from "./requestLog.ts";
import { send } from "./send.ts";
import { StreamTickets } from "./stream/tickets.ts";
import { routesFor } from "./table.ts";

const OWN_TOKENS_PER_ADDRESS = 20;
const OWN_TOKENS_WINDOW_MS = 10_000;

/** The HTTP side of one process. Answers every path: what it does not know is 404 as `application/problem+json`. */
export function buildHttp(parts: HttpParts): express.Express {
  const routes = routesFor(parts.config.auth);
  let description: object | undefined;
  const deps: HttpDeps = {
    ...parts,
    ownTokens: {
      guest: new RateWindow(OWN_TOKENS_PER_ADDRESS, OWN_TOKENS_WINDOW_MS),
      development: new RateWindow(OWN_TOKENS_PER_ADDRESS, OWN_TOKENS_WINDOW_MS),
    },
    streamTickets: new StreamTickets(parts.clock, parts.chance),
    openapi: () => {
      description ??= openApi(routes);
      return description;
    },
  };

  const app = express();
  app.set("trust proxy", parts.config.trustProxy);
  app.set("etag", false);
  app.disable("x-powered-by");
  app.use(requestLog(parts.log));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
      },
      strictTransportSecurity: { includeSubDomains: false },
    }),
  );
  app.use(cors(parts.config));
  app.use("/api", (_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  app.use(dispatcher(routes, deps));
  if (parts.pages !== undefined) app.use(parts.pages);
  app.use((_request, response) => send(response, notFound()));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const fault = { ...faultOf(error), route: response.locals.pattern };
    if (isTemporary(error)) parts.log.warn(fault, "unavailable");
    else parts.log.error(fault, "failed");
    // Too late to say so: Express ends the connection.
    if (response.headersSent) next(error);
    else send(response, problemOf(error));
  });
  return app;
}
