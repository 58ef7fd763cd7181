import { errors } from "jose";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/** The issuer answered something else than its keys. The message is ours, and can be told. */
class NoKeySet extends Error {
  override readonly name = "NoKeySet";
}

/**
 * As `fetch`, with redirects followed: not to plain HTTP from HTTPS, for then anybody on the way could hand out keys.
 * @throws NoKeySet for any other answer than 200
 */
export async function fetchFollowing(url: string, options: RequestInit): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(at, { ...options, redirect: "manual" });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) {
      if (response.status !== 200) throw new NoKeySet(`it answered ${response.status}`);
      return response;
    }
    await response.body?.cancel();
    if (!URL.canParse(location, at)) throw new NoKeySet("it redirects to what is no URL");
    const next = new URL(location, at);
    const mayFollow = next.protocol === "https:" || (next.protocol === "http:" && at.startsWith("http:"));
    if (!mayFollow) throw new NoKeySet("it redirects away from https");
    at = next.href;
  }
  throw new NoKeySet(`it redirects more than ${MAX_REDIRECTS} times`);
}

/** Why keys could not be fetched, in words for the log: never what was answered, nor where it was asked for. */
export function whyUnavailable(error: unknown): string {
  if (error instanceof NoKeySet) return error.message;
  if (error instanceof errors.JWKSTimeout) return "it does not answer in time";
  if (error instanceof errors.JWKSInvalid) return "its answer is no key set";
  if (error instanceof errors.JOSEError) return "its answer is no key set, or has a key that cannot be read";
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause);
  return code === undefined ? "it cannot be reached" : `it cannot be reached: ${code}`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
