import type { Client } from "@colyseus/core";
import type { LogRecord } from "../core/record.ts";
import type { Place } from "../core/session.ts";
import { Entrance } from "../live/entrance.ts";
import type { HostedSession } from "../live/hosted-session.ts";
import { PatchPacer } from "../live/patch-pacer.ts";
import type { Connection, Connections } from "./connections.ts";
import { DigestPacer } from "./digest-pacer.ts";
import { takeLatency } from "./latency.ts";
import { Projector } from "./projector.ts";
import type { Viewer } from "./viewers.ts";

/** What a display needs of its room. */
export interface DisplayRoom {
  readonly session: HostedSession;
  readonly connections: Connections;
  /** Encodes what changed and sends it. @returns whether anything had */
  broadcastPatch(): boolean;
  /** Somebody has no place any more. */
  personGone(userId: string): void;
}

/**
 * Everything that a room shows of its session: the schema state as each client may see it, whole states for those who come
 * in, patches, digests. Where anything in here throws, what clients have may be wrong: the session is closed, and they start
 * again from the log.
 */
export class SessionDisplay {
  /** how long making and handing out the last patch took, in ms; 0: there was none */
  patchMs = 0;
  readonly #room: DisplayRoom;
  readonly #projector: Projector;
  readonly #pacer: PatchPacer;
  readonly #digestPacer: DigestPacer;
  readonly #entrance: Entrance<Client>;
  readonly #patchSent: () => void;

  /** @param patchFloorMs between two patches of a busy room */
  constructor(room: DisplayRoom, patchFloorMs: number, patchSent: () => void) {
    const { committed, clock } = room.session;
    this.#room = room;
    this.#patchSent = patchSent;
    this.#pacer = new PatchPacer(clock, patchFloorMs, () => this.patch());
    this.#projector = new Projector(committed, () => this.patch());
    this.#digestPacer = new DigestPacer(
      clock,
      () => this.#projector.digest(),
      () => this.#pacer.request(),
    );
    // With no change outstanding, the framework encodes the whole state once for all who are let in.
    this.#entrance = new Entrance(clock, () => this.patch());
  }

  get schema() {
    return this.#projector.schema;
  }

  /** Brings the schema up to the session as it stands. Once, when it is the room's state. */
  fill(): void {
    this.#projector.fill();
    for (const userId of this.#room.session.committed.places.keys()) this.showPerson(userId);
  }

  /** @returns when their patch was sent; undefined: it was at once */
  committed(records: readonly LogRecord[]): Promise<void> | undefined {
    this.#projector.committed(records);
    for (const { content } of records) {
      if (content.kind === "place" && content.change.what === "role") this.showPerson(content.change.userId);
    }
    if (this.#projector.digestDue) this.#digestPacer.committed();
    return this.#pacer.commit();
  }

  /** Presence, activity, connections or streams of these people changed. */
  peopleChanged(userIds: ReadonlySet<string>): void {
    for (const userId of userIds) this.showPerson(userId);
    this.#pacer.request();
  }

  showPerson(userId: string): void {
    const { session, connections } = this.#room;
    const presence = session.presence.of(userId);
    const newest = connections.newestOf(userId);
    this.#projector.person(userId, presence, {
      streams: session.streamsOf(userId),
      latencyMs: newest?.latencyMs ?? -1,
      client: newest?.says ?? "",
    });
    if (presence === undefined) this.#room.personGone(userId);
  }

  /** A round trip was measured, by the server's heartbeat or by the client itself. */
  latencyMeasured(connection: Connection, latencyMs: number, by: "server" | "client"): void {
    if (!takeLatency(connection, latencyMs, by)) return;
    if (this.#room.connections.newestOf(connection.userId) !== connection) return;
    try {
      this.peopleChanged(new Set([connection.userId]));
    } catch (error) {
      this.#room.session.broke(error);
    }
  }

  enter(client: Client, place: Place): Viewer {
    return this.#projector.enter(client, place);
  }

  leave(viewer: Viewer): void {
    this.#projector.leave(viewer);
  }

  /** A client acknowledged its join. @param take lets it in: it gets the whole state, and patches from then on */
  acknowledged(client: Client, take: () => void): void {
    this.#entrance.take(client, () => {
      try {
        take();
      } catch (error) {
        // Nothing of the client's is decoded there: what throws is ours.
        this.#room.session.broke(error);
      }
    });
  }

  /** Sends what changed, if anything did. */
  patch(): void {
    try {
      const startedAt = performance.now();
      if (!this.#room.broadcastPatch()) return;
      this.patchMs = performance.now() - startedAt;
      this.#patchSent();
    } catch (error) {
      // The truth is not harmed, but what clients were sent may be: they start again from it.
      this.#room.session.broke(error);
    }
  }

  stop(): void {
    this.#digestPacer.stop();
    this.#pacer.stop();
    this.#entrance.close();
  }
}
