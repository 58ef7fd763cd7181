import { isSeen } from "./text.ts";

/**
 * The name under which somebody is shown: their own as a member, else that of their token, else their id. One that cannot
 * be seen counts as absent.
 * @param member as a member of the campaign
 * @param token of the token that came last
 */
export function shownName(member: string | null | undefined, token: string | null, userId: string): string {
  return [member, token].find((name) => typeof name === "string" && isSeen(name)) ?? userId;
}
