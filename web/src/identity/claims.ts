/** What a token says of its bearer, unverified: to show it, and to know what to offer. The server decides. */
export interface Claims {
  readonly userId: string;
  readonly name: string;
  readonly operator: boolean;
  /** ms since 1970 */
  readonly endsAt: number;
}

/** @returns undefined where the text is no token with a subject */
export function claimsOf(token: string): Claims | undefined {
  try {
    const body = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    const { sub, name, roles, exp } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof sub !== "string" || sub === "") return undefined;
    return {
      userId: sub,
      name: typeof name === "string" && name.trim() !== "" ? name : sub,
      operator: Array.isArray(roles) && roles.includes("operator"),
      endsAt: typeof exp === "number" ? exp * 1000 : 0,
    };
  } catch {
    return undefined;
  }
}

/** Guests are let into one session by an invite, and know nothing else. */
export function isGuest({ userId }: Pick<Claims, "userId">): boolean {
  return userId.startsWith("guest:");
}
