import { type AuthContext, type Client, Room, SchemaSerializer, ServerError } from "@colyseus/core";
import type { LogRecord } from "../core/record.ts";
import { HostedSession } from "../live/hosted-session.ts";
import { JournalUnavailable } from "../live/journal.ts";
import type { Closing, Eviction, SessionObserver } from "../live/observer.ts";
import { PatchPacer } from "../live/patch-pacer.ts";
import type { Logger } from "../ops/log.ts";
import { faultOf } from "../ops/log.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import { CLOSING_CODES, CloseCode, closeReason, closeWord, EVICTION_CODES } from "./close-codes.ts";
import { type Connection, Connections } from "./connections.ts";
import { DigestPacer } from "./digest-pacer.ts";
import { type Admitted, type Door, JOIN_CODES, JoinRefused } from "./door.ts";
import { Entrance } from "./entrance.ts";
import { guardFrames } from "./frames.ts";
import { Intake } from "./intake.ts";
import { takeLatency } from "./latency.ts";
import { messageHandlers } from "./messages.ts";
import type { RoomMeter } from "./meter.ts";
import type { RoomOpener } from "./opener.ts";
import { Projector } from "./projector.ts";
import { SafeSerializer } from "./serializer.ts";
import { watchExpiry } from "./token-expiry.ts";
import { ReconnectionTokens } from "./tokens.ts";
import { firstStateSent, isSilent, onLatency } from "./transport.ts";

export interface RoomDeps {
  readonly door: Door;
  readonly opener: RoomOpener;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Logger;
  readonly meter?: RoomMeter;
  /** between two patches of a busy room, in ms */
  readonly patchFloorMs: number;
}

/** Never reached: who comes in is ours to say, and counts people, not sockets. */
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
 * Shows one running session to its clients. The framework's connection is a socket, no more: places, their windows and
 * who may come back are the session's, so that a reconnection is a join like any other.
 */
export class SessionRoom extends Room implements SessionObserver {
  static deps: RoomDeps;

  override autoDispose = false;
  override patchRate = NEVER_MS;
  override seatReservationTimeout = SEAT_SECONDS;
  session!: HostedSession;
  intake!: Intake;
  readonly connections = new Connections();
  readonly tokens = new ReconnectionTokens();
  #projector!: Projector;
  #entrance!: Entrance<Client>;
  #pacer!: PatchPacer;
  #stopObserving: (() => void) | undefined;
  #digestPacer!: DigestPacer;

  static override async onAuth(token: string | undefined, options: unknown, context: AuthContext): Promise<Admitted> {
    const { door, opener } = SessionRoom.deps;
    const { session, admitted } = await door.admit(token, options, context.ip);
    try {
      await opener.open(session);
    } catch {
      session.giveBack(admitted.reservationId);
      throw new JoinRefused("unavailable");
    }
    return admitted;
  }

  override onCreate(options: { session?: unknown }): void {
    // Only the opener has a running session to give; what matchmaking would create by itself is refused.
    if (!(options.session instanceof HostedSession)) throw new JoinRefused("unavailable");
    this.session = options.session;
    this.#pacer = new PatchPacer(this.session.clock, SessionRoom.deps.patchFloorMs, () => this.#patch());
    this.#projector = new Projector(this.session.committed);
    this.#digestPacer = new DigestPacer(
      this.session.clock,
      () => this.#projector.digest(),
      () => this.#pacer.request(),
    );
    // With no change outstanding, the framework encodes the whole state once for all who are let in.
    this.#entrance = new Entrance(this.session.clock, () => this.#patch());
    this.state = this.#projector.schema;
    for (const userId of this.session.committed.places.keys()) this.#showPerson(userId);
    this.#limitSeats();
    this.intake = new Intake(this, messageHandlers(this, SessionRoom.deps), this.session.clock);
    this.#stopObserving = this.session.observe(this);
    roomOf.set(this.session, this);
  }

  override setSerializer(serializer: Parameters<Room["setSerializer"]>[0]): void {
    // The state's setter always brings the framework's own.
    const isStock = serializer instanceof SchemaSerializer && !(serializer instanceof SafeSerializer);
    super.setSerializer(isStock ? new SafeSerializer() : serializer);
  }

  override async onJoin(client: Client, _options: unknown, admitted: Admitted): Promise<void> {
    const { chance, meter, log } = SessionRoom.deps;
    const connection = this.connections.add(client, chance.id(), admitted);
    try {
      const place = await this.session.join(admitted.reservationId, connection.id);
      if (typeof place === "string") {
        meter?.joinRefused(place);
        throw new ServerError(JOIN_CODES[place], place);
      }
      if (this.connections.get(client) !== connection) {
        // Closed by us while the place was recorded, and `onLeave` has been: nobody else would ever drop them.
        this.session.presence.disconnected(place.userId, connection.id);
        throw new ServerError(JOIN_CODES.unavailable, "unavailable");
      }
      // Gone by themselves meanwhile: `onLeave` follows, and drops them.
      connection.viewer = this.#projector.enter(client, place);
      const { says } = connection;
      this.tokens.add(client.reconnectionToken, { userId: place.userId, seatId: client.sessionId, client: says });
      this.watchExpiry(connection);
      onLatency(client.ref, (latencyMs) => this.latencyMeasured(connection, latencyMs, "server"));
      this.#showPerson(place.userId);
      meter?.joined();
      log.info({ session: this.session.sessionId, user: place.userId, connection: connection.id }, "connected");
    } catch (error) {
      this.connections.remove(client);
      if (error instanceof ServerError) throw error;
      // Whatever else threw came after they were counted as here.
      if (!(error instanceof JournalUnavailable)) this.session.broke(error);
      throw new ServerError(JOIN_CODES.unavailable, "unavailable");
    }
  }

  override async onLeave(client: Client, code?: number): Promise<void> {
    const connection = this.connections.remove(client);
    if (connection === undefined) return;
    const { userId, id, viewer } = connection;
    const { meter, log } = SessionRoom.deps;
    meter?.disconnected(code);
    const why = closeWord(code);
    log.info({ session: this.session.sessionId, user: userId, connection: id, why }, "disconnected");
    connection.cancelExpiry?.();
    if (viewer !== undefined) this.#projector.leave(viewer);
    if (code !== CloseCode.consented) {
      this.session.presence.disconnected(userId, id);
      return;
    }
    this.tokens.voidSeat(userId, client.sessionId);
    // Recorded before the socket closes, so that a `leave()` that resolved is not undone by a crash.
    await this.session.leave(userId, id).catch(() => undefined);
  }

  override onDispose(): void {
    this.#stopObserving?.();
    this.#digestPacer?.stop();
    this.#pacer?.stop();
    this.#entrance?.close();
    if (roomOf.get(this.session) === this) roomOf.delete(this.session);
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
    this.#projector.committed(records);
    for (const { content } of records) {
      if (content.kind === "settings") this.#limitSeats();
      if (content.kind === "place" && content.change.what === "role") this.#showPerson(content.change.userId);
    }
    if (this.#projector.digestDue) this.#digestPacer.committed();
    return this.#pacer.commit();
  }

  peopleChanged(userIds: ReadonlySet<string>): void {
    for (const userId of userIds) this.#showPerson(userId);
    this.#pacer.request();
  }

  evicted(userId: string, why: Eviction): void {
    const code = EVICTION_CODES[why];
    for (const { client } of this.connections.of(userId)) this.#close(client, code);
  }

  async closed(why: Closing): Promise<void> {
    const code = CLOSING_CODES[why];
    // A host that moved shows nothing more: what it has may be wrong by now.
    if (why !== "host_moved") this.#patch();
    for (const { client } of [...this.connections]) {
      this.kickClient(client.sessionId, code, closeReason(code));
      // At once: an answer to what could not be shown is not to reach them any more.
      if (why === "host_moved") client.leave(code, closeReason(code));
    }
    // Whatever the framework still waits for (seats that nobody takes up) is not waited for here.
    this.disconnect(code).catch(() => undefined);
  }

  /** Warns of the end of a connection's token and closes it then; to be called again when the token was renewed. */
  watchExpiry(connection: Connection): void {
    watchExpiry(connection, this.session.clock, () => this.#close(connection.client, CloseCode.tokenExpired));
  }

  /** From now on nothing more is sent to that client, and nothing taken from it, whenever it answers the close frame. */
  #close(client: Client, code: CloseCode): void {
    this.kickClient(client.sessionId, code, closeReason(code));
  }

  // Coming back

  /** A seat is good for whoever it was reserved for, once; the framework would also let a token wait for its socket. */
  override hasReservedSeat(seatId: string): boolean {
    return this["_reservedSeats"][seatId]?.[2] === false;
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
    this.#close(client, CloseCode.replaced);
    // The framework closes no socket whose seat is taken up again meanwhile.
    client.leave(CloseCode.replaced, closeReason(CloseCode.replaced));
  }

  // Showing

  /** A client acknowledged its join. @param take lets it in: it gets the whole state, and patches from then on */
  acknowledged(client: Client, take: () => void): void {
    this.#entrance.take(client, () => {
      try {
        take();
        firstStateSent(client.ref);
      } catch (error) {
        // Nothing of the client's is decoded there: what throws is ours.
        this.session.broke(error);
      }
    });
  }

  #patch(): void {
    try {
      if (this.broadcastPatch()) SessionRoom.deps.meter?.patchSent();
    } catch (error) {
      // The truth is not harmed, but what clients were sent may be: they start again from it.
      this.session.broke(error);
    }
  }

  #showPerson(userId: string): void {
    const presence = this.session.presence.of(userId);
    const newest = this.connections.newestOf(userId);
    this.#projector.person(userId, presence, {
      streams: this.session.streamsOf(userId),
      latencyMs: newest?.latencyMs ?? -1,
      client: newest?.says ?? "",
    });
    if (presence === undefined) this.tokens.voidAll(userId);
  }

  /** A round trip was measured, by the server's heartbeat or by the client itself. */
  latencyMeasured(connection: Connection, latencyMs: number, by: "server" | "client"): void {
    if (!takeLatency(connection, latencyMs, by)) return;
    if (this.connections.newestOf(connection.userId) !== connection) return;
    try {
      this.peopleChanged(new Set([connection.userId]));
    } catch (error) {
      this.session.broke(error);
    }
  }

  #limitSeats(): void {
    const { maxParticipants, settings } = this.session.committed;
    this.maxClients = maxParticipants * settings.connectionsPerParticipant + SPARE_SEATS;
  }
}

guardFrames(SessionRoom.prototype);
