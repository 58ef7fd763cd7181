import type { IncomingMessage } from "node:http";
import type { Passage, PassingOn } from "../ports/elsewhere.ts";
import { CLOSINGS, type CloseFrame } from "./close-codes.ts";
import { roomHere } from "./opener.ts";
import { type Reconnections, ReturnRefused } from "./reconnections.ts";

/**
 * What becomes of a WebSocket upgrade: an HTTP refusal, a socket that is closed at once, one for another process, or one for
 * the framework.
 */
export type UpgradeVerdict =
  | { readonly refused: 400 | 403 | 404 | 503 }
  | { readonly passedOn: Passage }
  | { readonly closed: CloseFrame }
  /** the address as the framework is to see it; and the process of ours that passes the socket on, if one does */
  | { readonly url: URL; readonly passedOnBy?: string };

export interface UpgradeCheckDeps {
  readonly reconnections: Reconnections;
  /** the status for a host that is none, or a page that may not talk to this server; as for HTTP */
  readonly refuses: (request: IncomingMessage) => 400 | 403 | undefined;
  /** the address of the client, as rates count it */
  readonly addressOf: (request: IncomingMessage) => string;
  /** whether this process is about to stop */
  readonly draining: () => boolean;
  /** where several processes serve the same campaigns: passes sockets on to sessions' hosts */
  readonly passingOn?: PassingOn;
  /** the process of ours that passes a socket on to this one, if one does */
  readonly passedOnBy?: (request: IncomingMessage) => string | undefined;
  /** whether a bearer token is one of ours, ended or not */
  readonly isKnown: (bearer: string | null) => Promise<boolean>;
}

/**
 * Looks at every WebSocket before the framework does: its origin, and where it brings a reconnection token (the SDK's
 * own retry), who brings it. What the framework is asked to connect was allowed before; it cannot say no in time.
 */
export function upgradeCheck(deps: UpgradeCheckDeps) {
  const { reconnections, refuses, addressOf, draining, passingOn, isKnown } = deps;
  return async (request: IncomingMessage, url: URL): Promise<UpgradeVerdict> => {
    const verdict = await verdictOn(request, url);
    const passedOnBy = "url" in verdict ? deps.passedOnBy?.(request) : undefined;
    return passedOnBy === undefined ? verdict : { url, passedOnBy };
  };

  async function verdictOn(request: IncomingMessage, url: URL): Promise<UpgradeVerdict> {
    const refused = refuses(request);
    if (refused !== undefined) return { refused };
    const sessionId = url.pathname.split("/").at(-1) ?? "";
    const token = url.searchParams.get("reconnectionToken");
    const seatId = url.searchParams.get("sessionId");
    const isReturn = token !== null && seatId !== null;
    if (passingOn !== undefined && roomHere(sessionId) === undefined) {
      // For its first 5 s a client does not come back by itself: whoever comes for the first time goes to one that stays.
      if (draining() && !isReturn) return { refused: 503 };
      const verdict = await elsewhere(request, url, { sessionId, isReturn });
      if (verdict !== undefined) return verdict;
    }
    if (!isReturn) {
      // The framework looks rooms up in a plain object, which has a `constructor` and the like.
      return sessionId in {} && roomHere(sessionId) === undefined ? { refused: 404 } : { url };
    }
    if (draining()) return { closed: CLOSINGS.server_restarting };
    try {
      const bearer = url.searchParams.get("_authToken");
      const ready = await reconnections.connect({ sessionId, token, seatId, bearer, address: addressOf(request) });
      url.searchParams.set("sessionId", ready.seatId);
      url.searchParams.set("reconnectionToken", ready.token);
      return { url };
    } catch (error) {
      return { closed: error instanceof ReturnRefused ? error.closing : CLOSINGS.host_moved };
    }
  }

  /** Of a socket for another process; undefined: it is for this one. */
  async function elsewhere(
    request: IncomingMessage,
    url: URL,
    { sessionId, isReturn }: { readonly sessionId: string; readonly isReturn: boolean },
  ): Promise<UpgradeVerdict | undefined> {
    const processId = url.pathname.split("/").at(-2) ?? "";
    const token = url.searchParams.get("_authToken");
    const asked = { sessionId, processId, isReturn, path: url.pathname + url.search, isKnown: () => isKnown(token) };
    const found = await passingOn?.find(asked, request).catch(() => "unavailable" as const);
    if (found === undefined || found === "here") return undefined;
    if (found !== "unavailable") return { passedOn: found };
    return isReturn ? { closed: CLOSINGS.host_moved } : { refused: 503 };
  }
}
