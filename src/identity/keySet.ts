import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWSHeaderParameters,
} from "jose";
import { fetchFollowing, whyUnavailable } from "./key-set-fetch.ts";

/** The keys of `AUTH_JWKS_URL` cannot be fetched, so nobody knows whether a token is good: 503, never 401. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** The keys that a token may have been signed with; none: the issuer has no such key. @throws KeysUnavailable */
export type FindKeys = (header: JWSHeaderParameters) => Promise<readonly CryptoKey[]>;

const FETCH_TIMEOUT_MS = 3_000;
const FRESH_MS = 600_000;
/** An unknown key id asks the issuer again, but never more often than this, whoever sends them. */
const COOLDOWN_MS = 1_000;
/** Keys once fetched are good for so long while the issuer does not answer: its outage is not our players'. */
const STALE_MS = 86_400_000;
/** While it stays the same, the reason of an outage is told so often. */
const TELL_EVERY_MS = 10_000;

/**
 * Keys from a JSON Web Key Set, by jose's `createRemoteJWKSet` (cached, one fetch at a time, bounded in time). On top:
 * a key id that is unknown so shortly after a fetch waits for the next one instead of being turned away; while the
 * issuer cannot be reached, known keys stay good for a day. Redirects are followed.
 * @param onFailed is told in words why the keys could not be fetched: at once, and every 10 s while that stays so
 */
export function remoteKeys(
  url: string,
  onFailed: (why: string) => void = () => {},
  cooldownMs = COOLDOWN_MS,
): FindKeys {
  const remote = createRemoteJWKSet(new URL(url), {
    [customFetch]: fetchFollowing,
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: FRESH_MS,
    cooldownDuration: cooldownMs,
  });
  let answeredAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let told = { why: "", at: Number.NEGATIVE_INFINITY };

  async function find(header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
    // After a failure too the issuer is left alone for a moment: jose counts only fetches that succeeded.
    if (performance.now() - failedAt < cooldownMs) return await known(header);
    try {
      const keys = await matching(remote, header);
      answeredAt = performance.now();
      return keys;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return [];
      failedAt = performance.now();
      tellWhy(whyUnavailable(error));
      return await known(header);
    }
  }

  function tellWhy(why: string): void {
    if (why === told.why && performance.now() - told.at < TELL_EVERY_MS) return;
    told = { why, at: performance.now() };
    onFailed(why);
  }

  async function known(header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
    const keySet = remote.jwks();
    if (keySet === undefined || performance.now() - answeredAt > STALE_MS) throw unavailable();
    try {
      return await matching(createLocalJWKSet(keySet), header);
    } catch {
      throw unavailable(); // perhaps a key that is new: nobody can tell until the issuer answers
    }
  }

  return async (header) => {
    const keys = await find(header);
    if (keys.length > 0 || !remote.coolingDown) return keys;
    await new Promise((resolve) => setTimeout(resolve, cooldownMs));
    return await find(header);
  };
}

function unavailable(): KeysUnavailable {
  return new KeysUnavailable("the issuer's keys cannot be fetched");
}

type LookUp = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/** Where the header names no key id, several may match: each is tried. */
async function matching(lookUp: LookUp, header: JWSHeaderParameters): Promise<CryptoKey[]> {
  try {
    return [await lookUp(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    const keys: CryptoKey[] = [];
    for await (const key of error) keys.push(key);
    return keys;
  }
}
