import type { RoomFigures } from "../../live/room-figures.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { HttpDeps } from "../deps.ts";
import { roomsElsewhere } from "../other-rooms.ts";

/** Of a process that does not answer, at most so many rooms are shown. */
const MOST_SILENT_ROOMS = 200;

/** A room as the monitor lists it: one of a process that does not answer has no figures. */
export type ListedRoom = Omit<RoomFigures, "status"> & { readonly status: RoomFigures["status"] | "no answer" };

/**
 * The rooms of all processes. Those of one that does not answer are the sessions that it has leases of, and say so.
 * @throws StoreUnavailable
 */
export async function allRooms(deps: HttpDeps): Promise<readonly ListedRoom[]> {
  const here = deps.rooms?.list() ?? [];
  const elsewhere = await roomsElsewhere(deps);
  const others = await Promise.all(
    Array.from(elsewhere, async ([processId, rooms]) => rooms ?? (await silentRooms(processId, deps))),
  );
  return [...here, ...others.flat()];
}

async function silentRooms(processId: string, { stores }: HttpDeps): Promise<ListedRoom[]> {
  const leases = await stores.leases.heldBy(processId, "", MOST_SILENT_ROOMS);
  const rows = await Promise.all(leases.map(({ sessionId }) => stores.sessions.find(sessionId)));
  return rows.flatMap((row) => (row === undefined ? [] : [silentRoom(row, processId)]));
}

function silentRoom({ sessionId, title, campaignId }: SessionRow, processId: string): ListedRoom {
  return {
    roomId: sessionId,
    title,
    campaignId,
    status: "no answer",
    online: 0,
    idle: 0,
    disconnected: 0,
    connections: 0,
    commandsPerSecond: 0,
    bytesPerSecond: 0,
    patchMs: 0,
    commitMs: 0,
    processId,
    uptimeSeconds: 0,
    clients: 0,
    maxClients: 0,
    locked: false,
    elapsedTime: 0,
  };
}
