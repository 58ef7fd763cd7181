import { errors } from "jose";
import { TokenBuckets } from "../core/token-buckets.ts";
import type { Clock } from "../ports/clock.ts";

/** Why a token proves nothing, in a word. */
export type RefusalReason =
  /** it is no signed token at all */
  | "malformed"
  /** one that the configuration does not name */
  | "algorithm"
  /** the issuer has no such key */
  | "key"
  | "signature"
  | "issuer"
  | "audience"
  /** past or missing */
  | "expiry"
  /** `nbf` is ahead by more than clocks may differ */
  | "not_before"
  /** `sub` is no user id */
  | "subject"
  /** a guest's restriction that is not whole */
  | "guest";

/** What the log is told of a refused token: never the token. */
export interface TokenRefusal {
  readonly reason: RefusalReason;
  /** what the token's signed claim says where the configuration asks for something else */
  readonly got?: string;
}

const MAX_TOLD_CHARACTERS = 200;
const BURST = 20;
const PER_SECOND = 1;

/** What jose's error says of a token. Where it complains about a claim, the signature was good. */
export function refusalIn(error: unknown): TokenRefusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return { reason: "signature" };
  if (error instanceof errors.JWTExpired) return { reason: "expiry" };
  if (error instanceof errors.JOSEAlgNotAllowed) return { reason: "algorithm" };
  if (!(error instanceof errors.JWTClaimValidationFailed)) return { reason: "malformed" };
  const { claim, payload } = error;
  switch (claim) {
    case "iss":
      return { reason: "issuer", ...gotOf(payload.iss) };
    case "aud":
      return { reason: "audience", ...gotOf(payload.aud) };
    case "exp":
      return { reason: "expiry" };
    case "nbf":
      return { reason: "not_before" };
    case "sub":
      return { reason: "subject" };
    default:
      return { reason: "malformed" };
  }
}

function gotOf(claim: unknown): { got?: string } {
  const text = Array.isArray(claim) ? claim.join(" ") : claim;
  return typeof text === "string" ? { got: text.slice(0, MAX_TOLD_CHARACTERS) } : {};
}

/**
 * Passes refusals on, so that a flood of bad tokens is none of log lines: of each reason 20 at once, then one a second.
 * @param tell `leftOut`: how many of that reason were not told since the last one that was
 */
export function boundedRefusals(
  clock: Pick<Clock, "steady">,
  tell: (refusal: TokenRefusal, leftOut: number) => void,
): (refusal: TokenRefusal) => void {
  const rates = new TokenBuckets(PER_SECOND, BURST);
  const leftOut = new Map<RefusalReason, number>();
  return (refusal) => {
    const { reason } = refusal;
    const waiting = leftOut.get(reason) ?? 0;
    if (rates.take(reason, clock.steady()) !== true) {
      leftOut.set(reason, waiting + 1);
      return;
    }
    leftOut.delete(reason);
    tell(refusal, waiting);
  };
}
