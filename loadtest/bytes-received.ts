import type { Room } from "@colyseus/sdk";
import type { Tally } from "./tally.ts";

/** Counts every WebSocket frame that the room's connection receives, with its header. */
export function countReceived(room: Pick<Room, "connection">, tally: Pick<Tally, "bytesReceived">): void {
  const { events } = room.connection;
  const deliver = events.onmessage;
  events.onmessage = (event: { data: ArrayBuffer }) => {
    const payload = event.data.byteLength;
    tally.bytesReceived += payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10);
    deliver?.(event);
  };
}
