import type { JWTPayload } from "jose";
import { isPathSegment } from "../core/paths.ts";
import { isWithin, withoutControls } from "../core/text.ts";

/** Who somebody is, as a token that was checked says. */
export interface Claims {
  readonly userId: string;
  /** 1 to 100 characters; null where the token names none that is usable */
  readonly name: string | null;
  readonly roles: readonly string[];
  /** ms since 1970 */
  readonly expiresAt: number;
  /** a guest's: the one session that the token is good for */
  readonly guestOf?: string;
  /** a guest's: the invite through which they came by the token */
  readonly guestInvite?: string;
}

/** The latest time that a `Date` can hold. */
const END_OF_TIME_MS = 8.64e15;
const MAX_NAME_CHARACTERS = 100;

/**
 * What a token's payload says, after its signature, issuer and audience were checked. Whether it has ended is for the
 * caller to say: at `expiresAt` itself it has, without leeway.
 * @returns for a payload that nobody may act on: why
 */
export function claimsOf(payload: JWTPayload): Claims | "subject" | "expiry" | "guest" {
  const { sub, exp } = payload;
  if (!isPathSegment(sub)) return "subject";
  if (typeof exp !== "number") return "expiry";
  const expiresAt = Math.min(exp * 1000, END_OF_TIME_MS);
  if (Number.isNaN(expiresAt)) return "expiry";
  const claims = { userId: sub, name: nameOf(payload.name), roles: rolesOf(payload.roles), expiresAt };
  const { guestOf, guestInvite } = payload;
  if (guestOf === undefined && guestInvite === undefined) return claims;
  // Half a restriction is none that can be kept: such a token is refused rather than widened.
  if (typeof guestOf !== "string" || typeof guestInvite !== "string") return "guest";
  return { ...claims, guestOf, guestInvite };
}

/** A name that cannot be shown is no reason to turn somebody away: their id is shown in its place. */
function nameOf(claim: unknown): string | null {
  if (typeof claim !== "string" || !claim.isWellFormed()) return null;
  const shown = withoutControls(claim);
  return isWithin(shown, 1, MAX_NAME_CHARACTERS) ? shown : null;
}

function rolesOf(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((role) => typeof role === "string") : [];
}
