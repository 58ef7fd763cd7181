import type { NextFunction, Request, Response } from "express";
import type { Config } from "../config.ts";

/**
 * Whether a page of that origin may talk to this server; for HTTP and WebSockets alike.
 * @param origin the header; undefined: no browser, or a page of our own
 * @param host the `Host` by which we were called: a page from there is our own
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: Config["corsOrigins"],
): boolean {
  if (origin === undefined || allowed === "any" || allowed.includes(origin)) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Cross-origin answers, preflights included. Who asks is known by the token alone; credentials are allowed all the same,
 * because the Colyseus SDK fetches with `credentials: "include"`, which browsers refuse otherwise, and refuse with `*`.
 */
export function cors({ corsOrigins }: Pick<Config, "corsOrigins">) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { origin } = request.headers;
    response.vary("Origin");
    const allowed = origin !== undefined && isOriginAllowed(origin, request.host, corsOrigins);
    if (allowed) {
      response.set("Access-Control-Allow-Origin", origin);
      response.set("Access-Control-Allow-Credentials", "true");
      response.set("Access-Control-Expose-Headers", "Allow, Retry-After, WWW-Authenticate");
    }
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
      next();
      return;
    }
    if (allowed) {
      response.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
      response.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Last-Event-ID");
      response.set("Access-Control-Max-Age", "600");
    }
    response.status(204).end();
  };
}
