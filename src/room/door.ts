import { hash } from "node:crypto";
import { z } from "zod";
import { inviteHash } from "../core/invite-hash.ts";
import { needsApproval } from "../core/knocks.ts";
import { RateWindow } from "../core/rate-window.ts";
import type { Claims } from "../identity/claims.ts";
import type { Identity, TokenHolder } from "../identity/identity.ts";
import { type Denial, standingOf, type Visitor } from "../live/admission.ts";
import type { HostedSession } from "../live/hosted-session.ts";
import { type Hosting, NoSuchSession } from "../live/hosting.ts";
import type { Clock } from "../ports/clock.ts";
import type { Stores } from "../ports/stores.ts";

/** Why a join is refused: the reasons of contract section 3, with their codes. */
export const JOIN_CODES = {
  bad_request: 400,
  unauthenticated: 401,
  banned: 403,
  approval_needed: 403,
  forbidden: 403,
  not_found: 404,
  session_full: 409,
  session_ended: 410,
  too_many_connections: 429,
  rate_limited: 429,
  unavailable: 503,
  /** the framework's: a seat that nobody holds, a reconnection token that is void */
  expired: 524,
} as const;
export type JoinReason = keyof typeof JOIN_CODES;

/** A refused join. The message is the reason, and all that the client is told. */
export class JoinRefused extends Error {
  override readonly name = "JoinRefused";
  readonly code: number;
  readonly reason: JoinReason;
  constructor(reason: JoinReason) {
    super(reason);
    this.reason = reason;
    this.code = JOIN_CODES[reason];
  }
}

/** What a seat is reserved with, and the connection is then made from. Plain data: the framework copies it as JSON. */
export interface Admitted {
  readonly userId: string;
  /** SHA-256 of the bearer token that they came with */
  readonly bearer: string;
  /** of somebody who comes back: the reconnection token that their client has */
  readonly tokenBefore?: string;
  readonly reservationId: string;
  /** what the client says of itself, for the GM's eyes */
  readonly client: string;
  /** of the token, if it has one */
  readonly name: string | null;
  /** of the token, ms since 1970 */
  readonly expiresAt: number;
}

/** What is optional and null counts as absent. */
const JoinOptions = z.object({
  sessionId: z.string().min(1).max(64),
  invite: z.string().min(1).max(256).nullish(),
  client: z
    .string()
    .refine((text) => text.isWellFormed() && [...text].length <= 64)
    .nullish(),
});

export interface DoorDeps {
  readonly identity: Identity;
  readonly hosting: Hosting;
  readonly stores: Pick<Stores, "campaigns">;
  readonly clock: Clock;
  readonly rates: { readonly joinsPerUserPer10Seconds: number; readonly joinsPerAddressPer10Seconds: number };
  /** whether this process takes nobody in any more */
  readonly draining?: () => boolean;
  /** sockets that somebody has open in a session here, and how to close one that is silent */
  readonly socketsOf: (session: HostedSession, userId: string) => { open: number; closeSilent: () => boolean };
}

const RATE_WINDOW_MS = 10_000;

/** The way in: who may join, checked in the contract's order, and nothing before it is sure. */
export class Door {
  readonly #deps: DoorDeps;
  readonly #byUser: RateWindow | undefined;
  readonly #byAddress: RateWindow | undefined;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
    this.#byUser = windowOf(deps.rates.joinsPerUserPer10Seconds);
    this.#byAddress = windowOf(deps.rates.joinsPerAddressPer10Seconds);
  }

  /**
   * @param token the bearer token, if any
   * @param options as the client sent them, of any shape
   * @param address of the client, for the rate
   * @returns the session, opened, and what was reserved in it
   * @throws JoinRefused
   */
  async admit(token: string | undefined, options: unknown, address: string | undefined) {
    const claims = await this.identify(token);
    const parsed = JoinOptions.safeParse(options);
    if (!parsed.success) throw new JoinRefused("bad_request");
    const { sessionId, invite, client } = parsed.data;
    const visitor = await this.#visitor(claims, sessionId, invite ?? undefined);
    this.#checkRates(claims.userId, address);
    const session = await this.#open(sessionId);
    return { session, admitted: this.reserve(session, visitor, claims, token, client ?? "") };
  }

  /**
   * The same for somebody who had a connection, up to the reservation: that one depends on their seat.
   * @param address of the client, for the rate
   * @returns the session, opened
   * @throws JoinRefused
   */
  async admitBack(claims: Claims, sessionId: string, address: string | undefined) {
    const visitor = await this.#visitor(claims, sessionId, undefined);
    this.#checkRates(claims.userId, address);
    return { session: await this.#open(sessionId), visitor };
  }

  /** @throws JoinRefused */
  async identify(token: string | null | undefined): Promise<Claims> {
    const claims = await orUnavailable(this.#deps.identity.verify(token));
    if (claims === undefined) throw new JoinRefused("unauthenticated");
    return claims;
  }

  /**
   * Who brings a token that may have ended.
   * @throws JoinRefused where it is bad otherwise
   */
  async identifyReturning(token: string | null | undefined): Promise<TokenHolder> {
    const holder = await orUnavailable(this.#deps.identity.holderOf(token));
    if (holder === undefined) throw new JoinRefused("unauthenticated");
    return holder;
  }

  /**
   * Reserves what somebody needs to come in.
   * @param bearer the token that they came with
   * @param client what their client says of itself
   * @param replaces whether one of their open sockets is closed for this one
   * @throws JoinRefused
   */
  reserve(
    session: HostedSession,
    visitor: Visitor,
    { userId, name, expiresAt }: Claims,
    bearer: string | null | undefined,
    client: string,
    replaces = false,
  ): Admitted {
    const { open, closeSilent } = this.#deps.socketsOf(session, userId);
    const reserved = session.reserve(visitor, open - (replaces ? 1 : 0), closeSilent);
    if (typeof reserved === "string") throw new JoinRefused(reserved satisfies Denial);
    return { userId, reservationId: reserved.id, client, name, expiresAt, bearer: hashOf(bearer) };
  }

  /** Whether they may know of the session and come in, before anything is opened for them. */
  async #visitor(claims: Claims, sessionId: string, invite: string | undefined): Promise<Visitor> {
    const { stores, hosting, clock } = this.#deps;
    const { userId, name, guestOf } = claims;
    if (guestOf !== undefined && guestOf !== sessionId) throw new JoinRefused("not_found");
    const hash = invite === undefined ? undefined : inviteHash(invite);
    const door = await orUnavailable(hosting.door(sessionId, userId, hash));
    // Asked for in any case: that there is no such session is not to be told by the time.
    const membership = await orUnavailable(stores.campaigns.findMembership(door?.row.campaignId ?? "", userId));
    if (door === undefined) throw new JoinRefused("not_found");
    const { member, removal } = membership;
    const visitor = { userId, name, member, removal, inviteHash: hash };
    const standing = standingOf(door.list, visitor, clock.now());
    if (typeof standing === "string") throw new JoinRefused(standing);
    if (door.row.status === "ended") throw new JoinRefused("session_ended");
    const caller = { role: standing.role, hasPlace: door.hasPlace, removal };
    if (needsApproval(door.row, caller, door.list.knocks.get(userId))) throw new JoinRefused("approval_needed");
    return visitor;
  }

  #checkRates(userId: string, address: string | undefined): void {
    const now = this.#deps.clock.steady();
    const user = this.#byUser?.take(userId, now) ?? true;
    const from = address === undefined ? true : (this.#byAddress?.take(address, now) ?? true);
    if (user !== true || from !== true) throw new JoinRefused("rate_limited");
  }

  async #open(sessionId: string): Promise<HostedSession> {
    if (this.#deps.draining?.()) throw new JoinRefused("unavailable");
    try {
      return await this.#deps.hosting.open(sessionId);
    } catch (error) {
      throw new JoinRefused(error instanceof NoSuchSession ? "not_found" : "unavailable");
    }
  }
}

/** What is remembered of a bearer token: enough to know it again. */
export function hashOf(bearer: string | null | undefined): string {
  return hash("sha256", bearer ?? "", "base64url");
}

/** Nobody can tell: the store, or the issuer whose keys are needed, is away. */
async function orUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch {
    throw new JoinRefused("unavailable");
  }
}

/** 0 = no limit */
function windowOf(limit: number): RateWindow | undefined {
  return limit === 0 ? undefined : new RateWindow(limit, RATE_WINDOW_MS);
}
