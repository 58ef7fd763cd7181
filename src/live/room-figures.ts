import type { Activity, Presence } from "../core/person.ts";
import type { Role, Status, Via } from "../core/session.ts";

/** What a monitor shows of one room: figures, and nothing of what is on the table. Names of fields are the panel's where it has one. */
export interface RoomFigures {
  /** the session's id */
  readonly roomId: string;
  readonly title: string;
  readonly campaignId: string;
  readonly status: Status;
  /** people with a place, by presence */
  readonly online: number;
  readonly idle: number;
  readonly disconnected: number;
  /** open sockets */
  readonly connections: number;
  /** over the last 10 s at most */
  readonly commandsPerSecond: number;
  readonly bytesPerSecond: number;
  /** how long making and handing out the last patch took; 0: there was none */
  readonly patchMs: number;
  /** how long the store took for the last append */
  readonly commitMs: number;
  readonly processId: string;
  /** since the session was opened here */
  readonly uptimeSeconds: number;
  /** sockets, as the framework counts them */
  readonly clients: number;
  readonly maxClients: number;
  readonly locked: boolean;
  /** since the room was made, in ms */
  readonly elapsedTime: number;
}

/** One socket. */
export interface MonitoredClient {
  /** the framework's session id */
  readonly sessionId: string;
  /** since it came, in ms */
  readonly elapsedTime: number;
  readonly userId: string;
}

/** Of the state: the general fields, participants without their names, and connections. Times are ms since 1970. */
export interface MonitoredState {
  readonly sessionId: string;
  readonly campaignId: string;
  readonly title: string;
  readonly status: Status;
  readonly statusSince: number;
  readonly statusBy: string;
  readonly seq: number;
  readonly participants: {
    readonly [userId: string]: {
      readonly role: Role;
      readonly presence: Presence;
      readonly activity: Activity;
      readonly joinedAt: number;
      readonly lastSeenAt: number;
      readonly reconnectUntil: number;
    };
  };
  readonly connections: {
    readonly [userId: string]: {
      readonly connections: number;
      readonly streams: number;
      readonly latencyMs: number;
      readonly reconnects: number;
      readonly droppedAt: number;
    };
  };
}

export interface RoomDetail extends Omit<RoomFigures, "clients"> {
  readonly clients: readonly MonitoredClient[];
  /** paths and values of the session, in bytes */
  readonly stateSize: number;
  readonly state: MonitoredState;
}

/** Who closes a connection: a member of the campaign, or an operator who is none. */
export interface Closer {
  readonly userId: string;
  readonly via: Extract<Via, "member" | "system">;
}

/** The rooms of this process, for a monitor. Everything is worked out when it is asked for, from what is counted anyway. */
export interface MonitoredRooms {
  list(): readonly RoomFigures[];
  /** The campaign of a room's session, undefined where there is no such room. */
  campaignOf(roomId: string): string | undefined;
  find(roomId: string): RoomDetail | undefined;
  /** Closes one socket with 4010 `disconnected`: its place is kept, it may come back. @returns false where there is none */
  disconnect(roomId: string, sessionId: string, by: Closer): boolean;
}
