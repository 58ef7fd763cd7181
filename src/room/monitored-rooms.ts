import type { HostedSession } from "../live/hosted-session.ts";
import type { Closer, MonitoredRooms, MonitoredState, RoomDetail, RoomFigures } from "../live/room-figures.ts";
import type { Clock } from "../ports/clock.ts";
import { roomHere } from "./opener.ts";
import type { SessionRoom } from "./session-room.ts";
import { bytesPerSecond } from "./socket-watch.ts";

export interface RoomsDeps {
  /** the sessions that run here */
  readonly sessions: () => Iterable<HostedSession>;
  readonly processId: string;
  readonly clock: Pick<Clock, "steady">;
}

/** The rooms of this process as a monitor shows them. What is on a table is never looked at. */
export class Rooms implements MonitoredRooms {
  readonly #deps: RoomsDeps;

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
  }

  list(): readonly RoomFigures[] {
    const rooms: RoomFigures[] = [];
    for (const { sessionId } of this.#deps.sessions()) {
      const room = roomHere(sessionId);
      if (room !== undefined) rooms.push(this.#figuresOf(room));
    }
    return rooms;
  }

  campaignOf(roomId: string): string | undefined {
    return roomHere(roomId)?.session.committed.campaignId;
  }

  find(roomId: string): RoomDetail | undefined {
    const room = roomHere(roomId);
    if (room === undefined) return undefined;
    const now = this.#deps.clock.steady();
    const clients = Array.from(room.connections, ({ client, userId, since }) => {
      return { sessionId: client.sessionId, elapsedTime: now - since, userId };
    });
    const stateSize = room.session.committed.entries.bytes;
    return { ...this.#figuresOf(room), clients, stateSize, state: stateOf(room) };
  }

  disconnect(roomId: string, sessionId: string, by: Closer): boolean {
    const room = roomHere(roomId);
    const userId = room?.disconnectOne(sessionId);
    if (room === undefined || userId === undefined) return false;
    room.session.connectionClosed(userId, by);
    return true;
  }

  #figuresOf(room: SessionRoom): RoomFigures {
    const { session, connections, display, maxClients, locked, madeAt } = room;
    const { committed, presence, commitMs, commandsPerSecond, openedAt } = session;
    const { sessionId, title, campaignId, status } = committed;
    const now = this.#deps.clock.steady();
    const people = { online: 0, idle: 0, disconnected: 0 };
    for (const userId of committed.places.keys()) people[presence.of(userId)?.presence ?? "disconnected"] += 1;
    let sockets = 0;
    let sent = 0;
    for (const { client } of connections) {
      sockets += 1;
      sent += bytesPerSecond(client.ref);
    }
    return {
      roomId: sessionId,
      title,
      campaignId,
      status,
      ...people,
      connections: sockets,
      commandsPerSecond: rounded(commandsPerSecond),
      bytesPerSecond: Math.round(sent),
      patchMs: rounded(display.patchMs),
      commitMs: rounded(commitMs),
      processId: this.#deps.processId,
      uptimeSeconds: Math.floor((now - openedAt) / 1_000),
      clients: sockets,
      maxClients,
      locked,
      elapsedTime: now - madeAt,
    };
  }
}

/** Names and reasons are people's own words: they stay at the table. */
function stateOf({ session, connections }: SessionRoom): MonitoredState {
  const { sessionId, campaignId, title, status, statusSince, statusBy, seq, places } = session.committed;
  const people: [string, MonitoredState["participants"][string]][] = [];
  const lines: [string, MonitoredState["connections"][string]][] = [];
  for (const { userId, role, joinedAt } of places.values()) {
    const how = session.presence.of(userId);
    if (how === undefined) continue;
    const { presence, activity, lastSeenAt, reconnectUntil, reconnects, droppedAt } = how;
    people.push([userId, { role, presence, activity, joinedAt, lastSeenAt, reconnectUntil }]);
    const latencyMs = connections.newestOf(userId)?.latencyMs ?? -1;
    const streams = session.streamsOf(userId);
    lines.push([userId, { connections: how.connections, streams, latencyMs, reconnects, droppedAt }]);
  }
  const participants = Object.fromEntries(people);
  return {
    sessionId,
    campaignId,
    title,
    status,
    statusSince,
    statusBy,
    seq,
    participants,
    connections: Object.fromEntries(lines),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
