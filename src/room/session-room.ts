import { type AuthContext, type Client, matchMaker, Room, SchemaSerializer, ServerError } from "@colyseus/core";
import type { LogRecord } from "../core/record.ts";
import type { Claims } from "../identity/claims.ts";
import { HostedSession } from "../live/hosted-session.ts";
import { JournalUnavailable } from "../live/journal.ts";
import type { Closing, Eviction, SessionObserver } from "../live/observer.ts";
import type { Logger } from "../ops/log.ts";
import { faultOf } from "../ops/log.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import {
  CLOSINGS,
  CloseCode,
  type CloseFrame,
  closeWord,
  closing,
  closingOfRefusal,
  DISCONNECTED,
  EVICTION_CODES,
  TOO_SLOW,
} from "./close-codes.ts";
import { type Connection, Connections } from "./connections.ts";
import { type Admitted, type Door, JOIN_CODES, type JoinReason, JoinRefused } from "./door.ts";
import { guardFrames } from "./frames.ts";
import { Intake } from "./intake.ts";
import { hasReserved, tryFailed } from "./join-tries.ts";
import { messageHandlers } from "./messages.ts";
import type { RoomMeter } from "./meter.ts";
import type { RoomOpener } from "./opener.ts";
import { passerOf } from "./passed-on.ts";
import { newSeatId } from "./seat-id.ts";
import { type Seat, Seats } from "./seats.ts";
import { SafeSerializer } from "./serializer.ts";
import { type DisplayRoom, SessionDisplay } from "./session-display.ts";
import { firstStateSent, isSilent, isTooSlow, onLatency } from "./socket-watch.ts";
import { watchExpiry } from "./token-expiry.ts";

export type Listing = Awaited<ReturnType<typeof matchMaker.createRoom>>;

export interface RoomDeps {
  readonly door: Door;
  readonly opener: RoomOpener;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Logger;
  readonly meter?: RoomMeter;
  /** between two patches of a busy room, in ms */
  readonly patchFloorMs: number;
  /** whether a process of ours hands its sessions over and stops, or has: the sockets that it passed on come by another one */
  readonly isDraining?: (processId: string) => boolean;
}

/**
 * Headroom, so that Colyseus' `maxClients`, which counts sockets and held seats, is never the limit: admission
 * (live/admission.ts) decides, and counts people.
 */
const SPARE_SEATS = 16;
/** Seats as long as reservations: later is 524. */
const SEAT_SECONDS = 10;
/** The framework drives patches and its own clock with intervals; a room that does neither gets the longest there is. */
const NEVER_MS = 2_147_483_647;

/** The rooms that run here, by the session that they show. */
const roomOf = new WeakMap<HostedSession, SessionRoom>();

/** Somebody's sockets in the room of a session, as the door asks for them. */
export function socketsOf(session: HostedSession, userId: string) {
  return roomOf.get(session)?.socketsOf(userId) ?? { open: 0, closeSilent: () => false };
}

/**
 * Shows one running session to its clients. A person's place, its window and who may come back are the session's to say;
 * the framework holds the seats of those who dropped for as long (docs/decisions/0004-coming-back.md).
 */
export class SessionRoom extends Room implements SessionObserver, DisplayRoom {
  static deps: RoomDeps;

  override autoDispose = false;
  override patchRate = NEVER_MS;
  override seatReservationTimeout = SEAT_SECONDS;
  session!: HostedSession;
  intake!: Intake;
  /** how the framework knows this room; there once it is open */
  listing!: Listing;
  readonly connections = new Connections();
  readonly seats = new Seats();
  /** by the steady clock */
  madeAt = 0;
  /** resolves when the framework has let go of this room, and its id is free */
  readonly gone: Promise<void>;
  #isGone!: () => void;
  display!: SessionDisplay;
  #stopObserving: (() => void) | undefined;
  /** whose socket is being closed for the one that takes over its seat */
  #handedOver: Client | undefined;
  /** how the socket of which `onDrop` is told is being closed, where it is this room that closes it */
  #closing: CloseFrame | undefined;
  #isClosed = false;

  constructor() {
    super();
    this.gone = new Promise((resolve) => {
      this.#isGone = resolve;
    });
  }

  static override async onAuth(
    token: string | undefined,
    options: unknown,
    context: AuthContext,
  ): Promise<Admitted & { sessionId: string }> {
    const { door, opener } = SessionRoom.deps;
    tryFailed(context);
    const { session, admitted } = await door.admit(token, options, context.ip);
    hasReserved(context, () => session.giveBack(admitted.reservationId));
    try {
      (await opener.open(session)).makeRoom();
    } catch {
      throw new JoinRefused("unavailable");
    }
    // The framework takes its session id from here.
    return { ...admitted, sessionId: newSeatId(SessionRoom.deps.chance) };
  }

  override onCreate(options: { session?: unknown }): void {
    // Only the opener has a running session to give; what matchmaking would create by itself is refused.
    if (!(options.session instanceof HostedSession)) throw new JoinRefused("unavailable");
    this.session = options.session;
    this.madeAt = this.session.clock.steady();
    this.roomId = this.session.sessionId;
    const { patchFloorMs, meter } = SessionRoom.deps;
    this.display = new SessionDisplay(this, patchFloorMs, () => meter?.patchSent());
    this.state = this.display.schema;
    this.display.fill();
    this.makeRoom();
    this.intake = new Intake(this, messageHandlers(this, SessionRoom.deps), this.session.clock);
    this.#stopObserving = this.session.observe(this);
    roomOf.set(this.session, this);
  }

  override setSerializer(serializer: Parameters<Room["setSerializer"]>[0]): void {
    // The state's setter always brings the framework's own.
    const isStock = serializer instanceof SchemaSerializer && !(serializer instanceof SafeSerializer);
    super.setSerializer(isStock ? new SafeSerializer(this.session.committed.firstObjectId) : serializer);
  }

  override onJoin(client: Client, _options: unknown, admitted: Admitted): Promise<void> {
    return this.#enter(client, admitted);
  }

  /** The socket is gone, by whatever code but that of a `leave()`. Must not wait: the framework closes it only then. */
  override onDrop(client: Client, code?: number): void {
    const connection = this.#disconnected(client, code);
    const seat = this.seats.byId(client.sessionId);
    if (connection === undefined) return;
    if (seat !== undefined) {
      if (client === this.#handedOver || mayComeBack(code)) this.#hold(seat, client);
      else this.seats.drop(seat);
    }
    const by = passerOf(client.ref);
    const isMoved = by !== undefined && (SessionRoom.deps.isDraining?.(by) ?? false);
    this.session.presence.disconnected(connection.userId, connection.id, isMoved);
  }

  /** All checks were made before the framework was asked (`Reconnections`): a throw in here would cost the seat. */
  override async onReconnect(client: Client): Promise<void> {
    const seat = this.seats.byId(client.sessionId);
    const admitted = seat?.admitted;
    if (seat !== undefined) Object.assign(seat, { held: undefined, admitted: undefined });
    if (admitted === undefined) throw new ServerError(JOIN_CODES.expired, "expired");
    await this.#enter(client, admitted);
  }

  /** After a `leave()`, and once more for each seat that was held in vain, of which nothing is left to be told. */
  override async onLeave(client: Client, code?: number): Promise<void> {
    const connection = this.#disconnected(client, code);
    if (connection === undefined) return;
    const { userId, id } = connection;
    if (code !== CloseCode.consented) {
      this.session.presence.disconnected(userId, id);
      return;
    }
    const seat = this.seats.byId(client.sessionId);
    if (seat !== undefined) this.seats.drop(seat);
    // Recorded before the socket closes, so that a `leave()` that resolved is not undone by a crash.
    await this.session.leave(userId, id).catch(() => undefined);
  }

  override onDispose(): void {
    this.#stopObserving?.();
    this.display?.stop();
    if (roomOf.get(this.session) === this) roomOf.delete(this.session);
    this.#isGone();
  }

  /** The second half of a join and of a return: a connection of somebody who was let in. */
  async #enter(client: Client, admitted: Admitted): Promise<void> {
    const { chance, meter, log } = SessionRoom.deps;
    const connection = this.connections.add(client, chance.id(), admitted, this.session.clock.steady());
    try {
      const place = await this.session.join(admitted.reservationId, connection.id);
      if (typeof place === "string") {
        meter?.joinRefused(place);
        throw this.#refused(client, admitted, place);
      }
      if (this.connections.get(client) !== connection) {
        // Closed by us while the place was recorded, and `onLeave` has been: nobody else would ever drop them.
        this.session.presence.disconnected(place.userId, connection.id);
        throw this.#refused(client, admitted, "unavailable");
      }
      // Gone by themselves meanwhile: `onDrop` follows, and drops them.
      connection.viewer = this.display.enter(client, place);
      client.reconnectionToken = `${this.#tokenPrefix}${chance.token()}`;
      this.seats.take(client.sessionId, client.reconnectionToken, admitted);
      this.#watchExpiry(connection);
      onLatency(client.ref, (latencyMs) => this.display.latencyMeasured(connection, latencyMs, "server"));
      this.display.showPerson(place.userId);
      meter?.joined();
      log.info({ session: this.session.sessionId, user: place.userId, connection: connection.id }, "connected");
    } catch (error) {
      this.connections.remove(client);
      if (error instanceof ServerError) throw error;
      // Whatever else threw came after they were counted as here.
      if (!(error instanceof JournalUnavailable)) this.session.broke(error);
      throw this.#refused(client, admitted, "unavailable");
    }
  }

  /** Of a return, the close frame says why: the framework's own would be final. */
  #refused(client: Client, admitted: Admitted, reason: JoinReason): ServerError {
    if (admitted.tokenBefore !== undefined) {
      const { code, reason: text } = closingOfRefusal(reason);
      client.leave(code, text);
    }
    return new ServerError(JOIN_CODES[reason], reason);
  }

  /** @returns the connection that the socket was, unless it has been told of already */
  #disconnected(client: Client, code: number | undefined): Connection | undefined {
    const connection = this.connections.remove(client);
    if (connection === undefined) return undefined;
    const { userId, id, viewer } = connection;
    const { meter, log } = SessionRoom.deps;
    const why = closeWord(code, this.#closing?.reason ?? (isTooSlow(client.ref) ? TOO_SLOW.reason : undefined));
    meter?.disconnected(why);
    log.info({ session: this.session.sessionId, user: userId, connection: id, why }, "disconnected");
    connection.cancelExpiry?.();
    if (viewer !== undefined) this.display.leave(viewer);
    return connection;
  }

  /** With this defined, a throw in a hook or handler is told to us instead of ending the process. */
  override onUncaughtException(error: Error, hook: string): void {
    const { cause } = error;
    if (cause instanceof ServerError || cause instanceof JoinRefused) return;
    SessionRoom.deps.log.error(
      { session: this.session?.sessionId, hook, ...faultOf(cause ?? error) },
      "room hook threw",
    );
    this.session?.broke(cause ?? error);
  }

  // What the session tells

  committed(records: readonly LogRecord[]): Promise<void> | undefined {
    if (records.some(({ content }) => content.kind === "settings")) this.makeRoom();
    return this.display.committed(records);
  }

  peopleChanged(userIds: ReadonlySet<string>): void {
    this.display.peopleChanged(userIds);
  }

  evicted(userId: string, why: Eviction): void {
    for (const { client } of this.connections.of(userId)) this.#close(client, closing(EVICTION_CODES[why]));
  }

  async closed(why: Closing): Promise<void> {
    const frame = CLOSINGS[why];
    this.#isClosed = true;
    // A host that moved shows nothing more: what it has may be wrong by now.
    if (why !== "host_moved") this.display.patch();
    for (const { client } of [...this.connections]) {
      this.#close(client, frame);
      // At once: an answer to what could not be shown is not to reach them any more.
      if (why === "host_moved") client.leave(frame.code, frame.reason);
    }
    // Nobody is left in the room, so the framework lets go of it at once, whatever seats it has reserved.
    this.disconnect(frame.code).catch(() => undefined);
  }

  /** A connection brought a newer token of its person. */
  renewed(connection: Connection, { name, expiresAt }: Claims): void {
    const seat = this.seats.byId(connection.client.sessionId);
    if (seat !== undefined) Object.assign(seat, { name, expiresAt });
    connection.expiresAt = expiresAt;
    this.#watchExpiry(connection);
    this.session.renamed(connection.userId, name);
  }

  /** Warns of the end of a connection's token and closes it then. */
  #watchExpiry(connection: Connection): void {
    const { client } = connection;
    watchExpiry(connection, this.session.clock, () => this.#close(client, closing(CloseCode.tokenExpired)));
  }

  /** From now on nothing more is sent to that client, and nothing taken from it, whenever it answers the close frame. */
  #close(client: Client, frame: CloseFrame): void {
    this.#closing = frame;
    this.kickClient(client.sessionId, frame.code, frame.reason);
    this.#closing = undefined;
  }

  /**
   * Closes one socket at a GM's or an operator's wish: its place is kept, and its SDK may come back.
   * @returns whose it was, undefined where there is none
   */
  disconnectOne(seatId: string): string | undefined {
    for (const { client, userId } of this.connections) {
      if (client.sessionId !== seatId) continue;
      this.#close(client, DISCONNECTED);
      return userId;
    }
    return undefined;
  }

  // Coming back

  /**
   * Colyseus asks this of every socket. A seat that it holds is for those whom `Reconnections` let back in to it; the
   * wait for an old socket to go, which the framework knows besides, never comes up, for that one is closed before.
   */
  override hasReservedSeat(seatId: string, token?: string): boolean {
    const seat = this.seats.byId(seatId);
    if (seat !== undefined && seat.admitted === undefined) return false;
    return super.hasReservedSeat(seatId, token);
  }

  /** Whether nobody sits, is expected or is waited for under that id. */
  isSeatIdFree(seatId: string): boolean {
    const isTaken = this.seats.byId(seatId) !== undefined || this.clients.get(seatId) !== undefined;
    return !isTaken && !super.hasReservedSeat(seatId);
  }

  /** Whether a socket on that seat still looks open. */
  isSeatOpen({ id, userId }: Seat): boolean {
    return this.connections.of(userId).some(({ client }) => client.sessionId === id);
  }

  /** Whether a reconnection token is of this life of the session: then it is known here, or void. */
  isTokenOfThisLife(token: string): boolean {
    return token.startsWith(this.#tokenPrefix);
  }

  /** Closes the socket that still looks open on a seat, whose person is about to take it up again. */
  takeOver(seat: Seat): void {
    for (const { client } of this.connections.of(seat.userId)) {
      if (client.sessionId !== seat.id) continue;
      this.#handedOver = client;
      this.replace(client);
      this.#handedOver = undefined;
    }
  }

  /** Reserves a seat. @throws where the framework has none */
  async reserve(admitted: Admitted & { readonly sessionId: string }): Promise<void> {
    this.makeRoom();
    await matchMaker.reserveSeatFor(this.listing, {}, admitted);
  }

  /** Why somebody has no place any more, as their returning client is told. */
  whyPlaceEnded(userId: string): CloseFrame | undefined {
    const evicted = this.session.committed.attendance.get(userId)?.evicted ?? null;
    return evicted === null ? undefined : closing(EVICTION_CODES[evicted]);
  }

  #hold(seat: Seat, client: Client): void {
    if (!this.#isClosed) this.seats.hold(seat, this.allowReconnection(client, "manual"));
  }

  get #tokenPrefix(): string {
    return `${this.session.committed.epoch}-`;
  }

  socketsOf(userId: string) {
    const theirs = this.connections.of(userId);
    const closeSilent = (): boolean => {
      const silent = theirs.find(({ client }) => isSilent(client.ref));
      if (silent !== undefined) this.replace(silent.client);
      return silent !== undefined;
    };
    return { open: theirs.length, closeSilent };
  }

  /** Another socket takes this one's place: it is closed, answers or not. */
  replace(client: Client): void {
    const frame = closing(CloseCode.replaced);
    this.#close(client, frame);
    // The framework does not close a socket whose seat has been taken up again by then.
    client.leave(frame.code, frame.reason);
  }

  /** A client acknowledged its join. @param take lets it in: it gets the whole state, and patches from then on */
  acknowledged(client: Client, take: () => void): void {
    this.display.acknowledged(client, () => {
      take();
      this.seats.acknowledged(client.sessionId);
      firstStateSent(client.ref);
    });
  }

  personGone(userId: string): void {
    this.seats.dropAll(userId);
  }

  /** Keeps `maxClients` above whatever may be open, held or reserved. To be called before a seat is reserved. */
  makeRoom(): void {
    const { maxParticipants, settings } = this.session.committed;
    const usual = 2 * maxParticipants * settings.connectionsPerParticipant;
    const needed = Math.max(usual, this.clients.length + this.seats.held + this.session.arriving) + SPARE_SEATS;
    if (needed !== this.maxClients) this.maxClients = needed;
  }
}

/** Whether a client whose socket was closed with that code may take its seat up again. */
function mayComeBack(code: number | undefined): boolean {
  const isFinal = code === CloseCode.replaced || Object.values<number>(EVICTION_CODES).includes(code ?? 0);
  return !isFinal && code !== CloseCode.sessionEnded;
}

guardFrames(SessionRoom.prototype);
