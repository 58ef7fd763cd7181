import type { NextFunction, Request, Response } from "express";
import type { Origins } from "./origins.ts";

/** The one route whose clients, the Colyseus SDKs, ask with credentials, though nothing here reads any. */
const MATCHMAKING = /^\/matchmake(\/|$)/;
/** Its cookie is for its own pages alone. */
const MONITOR = /^\/monitor(\/|$)/;

/**
 * Cross-origin answers, preflights included. Who asks is known by the token alone. An origin that is ours or listed is
 * named, and may send credentials; where every origin may ask, it may not: but in matchmaking, for browsers refuse the
 * SDK's `credentials: "include"` otherwise.
 */
export function cors(origins: Origins) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (MONITOR.test(request.path)) {
      next();
      return;
    }
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && origins.isAllowed(request);
    const anyMayAsk = origins.any && !MATCHMAKING.test(request.path);
    if (!anyMayAsk) response.vary("Origin");
    if (isAllowed) {
      response.set("Access-Control-Allow-Origin", anyMayAsk ? "*" : origin);
      if (!anyMayAsk) response.set("Access-Control-Allow-Credentials", "true");
      response.set("Access-Control-Expose-Headers", "Allow, Retry-After, WWW-Authenticate");
    }
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
      next();
      return;
    }
    if (isAllowed) {
      response.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
      response.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Last-Event-ID");
      response.set("Access-Control-Max-Age", "600");
    }
    response.status(204).end();
  };
}
