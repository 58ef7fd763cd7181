import type { Where } from "./options.ts";
import { devLogin, fromFile, type People, signedBy } from "./people.ts";
import { ownTarget, remoteTarget, type Target } from "./target.ts";

/** The servers that the command line names, or one of our own. */
export async function targetAt(where: Where): Promise<Target> {
  const [first, ...others] = where.endpoints;
  if (first === undefined) return ownTarget();
  return remoteTarget([first, ...others], peopleOf(where, first), where.serverPids);
}

function peopleOf({ secret, tokensFile }: Where, endpoint: string): People {
  if (tokensFile !== null) return fromFile(tokensFile);
  return secret === null ? devLogin(endpoint) : signedBy(secret);
}
