import { Client, type Room } from "@colyseus/sdk";
import "./quiet.ts";

/** One WebSocket message as a client received it, before anything decoded it. */
export interface Frame {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** Whether the frame holds `text` anywhere, as UTF-8. */
export function frameHolds(frame: Frame, text: string): boolean {
  return Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.byteLength).includes(text, 0, "utf8");
}

/** The official SDK, which keeps every raw frame of every room it joins, those after its own reconnections included. */
export class RecordingClient extends Client {
  /** all frames of all rooms of this client, oldest first */
  readonly frames: Frame[] = [];

  protected override createRoom<T>(...args: Parameters<Client["createRoom"]>): Room<unknown, T> {
    const room = super.createRoom(...args) as Room<unknown, T>;
    const connect = room.connect.bind(room);
    room.connect = (...where: Parameters<typeof connect>) => {
      connect(...where);
      const { events } = room.connection;
      const deliver = events.onmessage;
      events.onmessage = (event: { data: ArrayBuffer }) => {
        // copied, for the SDK may hand out views of what it was given
        this.frames.push({ atMs: Date.now(), bytes: new Uint8Array(event.data.slice(0)) });
        deliver?.(event);
      };
    };
    return room;
  }
}
