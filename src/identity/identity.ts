import { type CryptoKey, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import { type Claims, claimsOf } from "./claims.ts";
import { developmentSecret } from "./developmentSecret.ts";
import { type FindKeys, remoteKeys } from "./keySet.ts";
import { RecentTokens } from "./recent-tokens.ts";
import { refusalIn, type TokenRefusal } from "./refusals.ts";

/** Who may say who somebody is. Used by HTTP and by the rooms alike. */
export interface Identity {
  /**
   * Checks a token (without `Bearer`).
   * @returns undefined for none, a bad or a past one
   * @throws KeysUnavailable where nobody can tell, because the issuer's keys cannot be fetched
   */
  verify(token: string | null | undefined): Promise<Claims | undefined>;

  /**
   * The same for a token that may have ended: who it was made for, as long as it is good otherwise.
   * @throws KeysUnavailable
   */
  holderOf(token: string | null | undefined): Promise<TokenHolder | undefined>;

  /**
   * Makes a token of our own, with `AUTH_JWT_SECRET` or that of dev login. `exp` has whole seconds: rounded down.
   * @throws where there is no secret, or the claims are such as `verify` would refuse
   */
  sign(claims: Claims): Promise<{ readonly token: string; readonly expiresAt: number }>;
}

/** Whom a token was made for. */
export interface TokenHolder {
  readonly claims: Claims;
  /** whether `exp` is over: then it proves who brings it, and no right */
  readonly hasEnded: boolean;
}

/** Who is told, for the log, why nobody was let in. */
export interface IdentityTold {
  readonly tokenRefused?: (refusal: TokenRefusal) => void;
  /** @param why in words: what became of the last try to fetch the issuer's keys */
  readonly keysUnavailable?: (why: string) => void;
}

/** How long the tokens are good that we sign for guests, in dev login and, by default, with `npm run token`. */
export const OWN_TOKEN_MS = 12 * 3_600_000;

/** Clocks differ: a token is good so long before its `nbf`. Of `exp` there is no leeway. */
const NOT_BEFORE_LEEWAY_SECONDS = 30;

const OF_THE_SECRET = "HS256";
const OF_THE_KEY_SET: ReadonlySet<unknown> = new Set(["RS256", "ES256", "EdDSA"]);

/**
 * Tokens as the configuration wants them (rules T1 to T7, T34): the algorithm decides which keys are asked, never the token's key
 * hints, so that no public key is ever taken for a secret.
 */
export function createIdentity(
  config: Pick<Config, "auth" | "dataDir">,
  clock: Pick<Clock, "now">,
  told: IdentityTold = {},
  keys: FindKeys | null = config.auth.jwksUrl === null ? null : remoteKeys(config.auth.jwksUrl, told.keysUnavailable),
): Identity {
  const { issuer, audience } = config.auth;
  const secretText = config.auth.secret ?? (config.auth.devLogin ? developmentSecret(config.dataDir) : null);
  const secret = secretText === null ? null : new TextEncoder().encode(secretText);
  const recent = new RecentTokens();

  async function keysFor(token: string): Promise<readonly (CryptoKey | Uint8Array)[] | "algorithm"> {
    const header = decodeProtectedHeader(token);
    if (header.alg === OF_THE_SECRET) return secret === null ? "algorithm" : [secret];
    return keys !== null && OF_THE_KEY_SET.has(header.alg) ? await keys(header) : "algorithm";
  }

  /** @returns what the token says, ended or not, or why it proves nothing */
  async function check(token: string): Promise<TokenHolder | TokenRefusal> {
    if (!isCompactToken(token)) return { reason: "malformed" };
    const candidates = await keysFor(token);
    if (candidates === "algorithm") return { reason: "algorithm" };
    let refusal: TokenRefusal = { reason: "key" };
    for (const key of candidates) {
      const now = clock.now();
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [OF_THE_SECRET, "RS256", "ES256", "EdDSA"],
          requiredClaims: ["sub", "exp"],
          currentDate: new Date(now),
          clockTolerance: NOT_BEFORE_LEEWAY_SECONDS,
          ...(issuer === null ? {} : { issuer }),
          ...(audience === null ? {} : { audience }),
        });
        return holderIn(payload, now);
      } catch (error) {
        // `exp` is looked at last, when all else was found good.
        if (error instanceof errors.JWTExpired) return holderIn(error.payload, now);
        // It proves nothing by this key: the next, if any.
        refusal = refusalIn(error);
        if (refusal.reason !== "signature") return refusal;
      }
    }
    return refusal;
  }

  async function holderOf(token: string | null | undefined): Promise<TokenHolder | undefined> {
    if (typeof token !== "string") return undefined;
    const now = clock.now();
    const claims = recent.claimsOf(token, now);
    if (claims !== undefined) return { claims, hasEnded: claims.expiresAt <= now };
    const checked = await check(token);
    if (!("reason" in checked)) {
      recent.keep(token, checked.claims, now);
      return checked;
    }
    told.tokenRefused?.(checked);
    return undefined;
  }

  async function verify(token: string | null | undefined): Promise<Claims | undefined> {
    const holder = await holderOf(token);
    if (holder?.hasEnded !== true) return holder?.claims;
    told.tokenRefused?.({ reason: "expiry" });
    return undefined;
  }

  async function sign(claims: Claims): Promise<{ token: string; expiresAt: number }> {
    if (secret === null) throw new Error("there is no AUTH_JWT_SECRET to sign with");
    const exp = Math.floor(claims.expiresAt / 1000);
    const { userId, name, roles, guestOf, guestInvite } = claims;
    const payload = {
      ...(name === null ? {} : { name }),
      ...(roles.length === 0 ? {} : { roles: [...roles] }),
      ...(guestOf === undefined ? {} : { guestOf, guestInvite }),
    };
    const checked = claimsOf({ ...payload, sub: userId, exp });
    if (typeof checked === "string" || checked.expiresAt <= clock.now() || checked.name !== name) {
      throw new Error("a token with these claims would be refused");
    }
    const draft = new SignJWT(payload).setProtectedHeader({ alg: OF_THE_SECRET }).setSubject(userId);
    draft.setIssuedAt(Math.floor(clock.now() / 1000)).setExpirationTime(exp);
    if (issuer !== null) draft.setIssuer(issuer);
    if (audience !== null) draft.setAudience(audience);
    return { token: await draft.sign(secret), expiresAt: exp * 1000 };
  }

  return { verify, holderOf, sign };
}

function holderIn(payload: JWTPayload, now: number): TokenHolder | TokenRefusal {
  const claims = claimsOf(payload);
  return typeof claims === "string" ? { reason: claims } : { claims, hasEnded: claims.expiresAt <= now };
}

/** Whether a text can be a signed token at all: three parts, the first of them a readable header. */
function isCompactToken(token: string): boolean {
  try {
    decodeProtectedHeader(token);
  } catch {
    return false;
  }
  return token.split(".").length === 3;
}
