/** Why a token is asked for: to join, because the one in use ends soon or has ended, or because it was refused. */
export type TokenNeed = "join" | "expiring" | "expired" | "refused";

/** A token, or where to get one. A function is asked before every join, so it may keep its token while it is good. */
export type TokenSource = string | ((need: TokenNeed) => string | Promise<string>);

export async function takeToken(source: TokenSource, need: TokenNeed): Promise<string> {
  return typeof source === "string" ? source : await source(need);
}

/** The `sub` of a JWT, unverified: only to keep one person's outbox apart from another's. Undefined if unreadable. */
export function subjectOf(token: string): string | undefined {
  const body = token.split(".")[1];
  if (body === undefined) return undefined;
  try {
    const binary = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
    const sub = (claims as { sub?: unknown } | null)?.sub;
    return typeof sub === "string" && sub !== "" ? sub : undefined;
  } catch {
    return undefined;
  }
}
