import type { NextFunction, Request, Response } from "express";
import type { Logger } from "../ops/log.ts";

/** Asked by machines every few seconds: not worth a line each. */
const QUIET: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * One line per request: method, route pattern, status, milliseconds. Never the URL: ids, tokens and the query string are in it.
 * The dispatcher puts the pattern into `response.locals.pattern`.
 */
export function requestLog(log: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const began = performance.now();
    response.once("close", () => {
      const route: string = response.locals.pattern ?? "none";
      const ms = Math.round(performance.now() - began);
      const line = { method: request.method, route, status: response.statusCode, ms };
      if (response.statusCode >= 500) log.error(line, "request");
      else if (QUIET.has(route)) log.debug(line, "request");
      else log.info(response.writableFinished ? line : { ...line, cut: true }, "request");
    });
    next();
  };
}
