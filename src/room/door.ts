import { z } from "zod";
import { inviteHash } from "../core/invite-hash.ts";
import { RateWindow } from "../core/rate-window.ts";
import type { Claims } from "../identity/claims.ts";
import type { Identity } from "../identity/identity.ts";
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
  forbidden: 403,
  not_found: 404,
  session_full: 409,
  session_ended: 410,
  too_many_connections: 429,
  rate_limited: 429,
  unavailable: 503,
  /** the framework's: the room of a reconnection is gone, or its token is void */
  no_room: 522,
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
  readonly reservationId: string;
  /** what the client says of itself, for the GM's eyes */
  readonly client: string;
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
  readonly stores: Pick<Stores, "campaigns" | "sessions">;
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
    const { open, closeSilent } = this.#deps.socketsOf(session, claims.userId);
    const admitted = this.#reserve(session, visitor, claims, client ?? "", open, closeSilent);
    return { session, admitted };
  }

  /**
   * The same for somebody who comes back with a reconnection token, to the session that runs here.
   * @param replaces whether the socket that the token was given to still looks open: it will be closed
   * @throws JoinRefused
   */
  async readmit(claims: Claims, session: HostedSession, client: string, replaces: boolean): Promise<Admitted> {
    const visitor = await this.#visitor(claims, session.sessionId, undefined);
    this.#checkRates(claims.userId, undefined);
    const { open, closeSilent } = this.#deps.socketsOf(session, claims.userId);
    return this.#reserve(session, visitor, claims, client, open - (replaces ? 1 : 0), closeSilent);
  }

  /** @throws JoinRefused */
  async identify(token: string | null | undefined): Promise<Claims> {
    let claims: Claims | undefined;
    try {
      claims = await this.#deps.identity.verify(token);
    } catch {
      throw new JoinRefused("unavailable"); // the issuer's keys cannot be fetched
    }
    if (claims === undefined) throw new JoinRefused("unauthenticated");
    return claims;
  }

  /** Whether they may know of the session and come in, before anything is opened for them. */
  async #visitor(claims: Claims, sessionId: string, invite: string | undefined): Promise<Visitor> {
    const { stores, hosting, clock } = this.#deps;
    const { userId, name, guestOf } = claims;
    if (guestOf !== undefined && guestOf !== sessionId) throw new JoinRefused("not_found");
    const row = await orUnavailable(stores.sessions.find(sessionId));
    if (row === undefined) throw new JoinRefused("not_found");
    const campaign = await orUnavailable(stores.campaigns.find(row.campaignId));
    const member = campaign?.members.find((one) => one.userId === userId);
    const visitor = { userId, name, member, inviteHash: invite === undefined ? undefined : inviteHash(invite) };
    const running = hosting.running(sessionId);
    if (member !== undefined && row.status !== "ended" && running === undefined) return visitor;
    const state = running?.committed ?? (await orUnavailable(hosting.read(sessionId)));
    if (state === undefined) throw new JoinRefused("not_found");
    const standing = standingOf(state, visitor, clock.now());
    if (typeof standing === "string") throw new JoinRefused(standing);
    if (state.status === "ended") throw new JoinRefused("session_ended");
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

  #reserve(
    session: HostedSession,
    visitor: Visitor,
    { userId, expiresAt }: Claims,
    client: string,
    openConnections: number,
    closeSilent: () => boolean,
  ): Admitted {
    const reserved = session.reserve(visitor, openConnections, closeSilent);
    if (typeof reserved === "string") throw new JoinRefused(reserved satisfies Denial);
    return { userId, reservationId: reserved.id, client, expiresAt };
  }
}

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
