import { hash, timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import type { Claims } from "../identity/claims.ts";
import type { Identity } from "../identity/identity.ts";
import type { Clock } from "../ports/clock.ts";
import { type Problem, problem } from "./problem.ts";

/** The token of `Authorization: Bearer <token>`, null where there is none. */
export function bearerOf(request: Request): string | null {
  return /^Bearer +([^\s,]+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}

/** Who asks, undefined where they have not proved it. @throws KeysUnavailable */
export function authenticate(request: Request, identity: Identity): Promise<Claims | undefined> {
  return identity.verify(bearerOf(request));
}

/** Whether a token that was good when the request came has ended since. */
export function hasEnded({ expiresAt }: Claims, { clock }: { readonly clock: Pick<Clock, "now"> }): boolean {
  return expiresAt <= clock.now();
}

export function unauthenticated(): Problem {
  return problem("unauthenticated", "Send a valid token: Authorization: Bearer <JWT>.", {
    headers: { "WWW-Authenticate": "Bearer" },
  });
}

/** Whether a request bears a fixed token, compared in a time that does not tell how much of it is right. */
export function bears(request: Request, token: string): boolean {
  const given = bearerOf(request);
  return given !== null && timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", token, "buffer"));
}
