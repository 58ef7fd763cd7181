import type { Where } from "./options.ts";
import { devLogin, fromFile, type People, signedBy } from "./people.ts";
import { ownTarget, remoteTarget, type Target } from "./target.ts";

/** The server that the command line names, or one of our own. */
export async function targetAt(where: Where): Promise<Target> {
  if (where.endpoint === null) return ownTarget();
  return remoteTarget(where.endpoint, peopleOf(where, where.endpoint), where.serverPid);
}

function peopleOf({ secret, tokensFile }: Where, endpoint: string): People {
  if (tokensFile !== null) return fromFile(tokensFile);
  return secret === null ? devLogin(endpoint) : signedBy(secret);
}
