import { once } from "node:events";
import { connect } from "node:net";
import WebSocket from "ws";
import { call } from "./http.ts";
import type { Person } from "./people.ts";
import type { ServerProcess } from "./server.ts";

const JOIN_ROOM = 10;
const ROOM_DATA = 13;
const ROOM_REQUEST = 21;
const ROOM_RESPONSE = 22;

/** A joined connection below the SDK: sends any bytes, and shows what comes back. */
export class RawSocket {
  readonly frames: Buffer[] = [];
  readonly #socket: WebSocket;
  #closeCode: number | null = null;
  #closeReason = "";

  private constructor(socket: WebSocket, acknowledges: boolean) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      this.frames.push(data);
      if (acknowledges && data[0] === JOIN_ROOM) this.acknowledge();
    });
    socket.on("close", (code, reason) => {
      this.#closeCode = code;
      this.#closeReason = reason.toString();
    });
    socket.on("error", () => undefined);
  }

  /**
   * Reserves a seat over HTTP as the SDK does, connects, and waits for the first state.
   * @param acknowledges whether the join is acknowledged; if not, no state comes, and none is waited for
   */
  static async join(
    server: Pick<ServerProcess, "url" | "port">,
    person: Pick<Person, "token">,
    sessionId: string,
    { acknowledges = true }: { readonly acknowledges?: boolean } = {},
  ): Promise<RawSocket> {
    const reserved = await call<{ sessionId: string; roomId: string; processId: string }>(
      server.url,
      "POST",
      "/matchmake/joinOrCreate/session",
      { token: person.token, body: { sessionId } },
    );
    if (reserved.status !== 200) throw new Error(`not let in: ${reserved.status} ${reserved.text}`);
    const { processId, roomId, sessionId: seat } = reserved.body;
    const socket = new WebSocket(
      `ws://127.0.0.1:${server.port}/${processId}/${roomId}?sessionId=${seat}&_authToken=${person.token}`,
    );
    const raw = new RawSocket(socket, acknowledges);
    await once(socket, "open");
    while (raw.frames.length < (acknowledges ? 2 : 1)) await once(socket, "message");
    return raw;
  }

  /** Acknowledges the join, which brings the first state. */
  acknowledge(): void {
    this.#socket.send(Buffer.of(JOIN_ROOM));
  }

  /** Takes nothing more of what comes, as a reader that is asleep. */
  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** bytes that wait here to be sent */
  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** null while it is open */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** what the close frame said, empty while it is open */
  get closeReason(): string {
    return this.#closeReason;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** A message as `room.send` frames it, its payload given as raw bytes. */
  message(type: string, payload: Uint8Array): void {
    this.send(Buffer.concat([Buffer.of(ROOM_DATA), text(type), payload]));
  }

  /** A message as `room.request` frames it. @param requestId below 128 */
  request(requestId: number, type: string, payload: Uint8Array): void {
    this.send(Buffer.concat([Buffer.of(ROOM_REQUEST, requestId), text(type), payload]));
  }

  /** The answer to a request: its status byte (0 resolved, 1 rejected, 2 failed) and the rest as text, for searching. */
  response(requestId: number): { status: number; text: string } | undefined {
    const frame = this.frames.find((one) => one[0] === ROOM_RESPONSE && one[1] === requestId);
    return frame === undefined ? undefined : { status: frame[2] ?? -1, text: frame.subarray(3).toString("latin1") };
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** Sends raw bytes to the server's port and waits, a second at most, for what it says or for the end. */
export async function sendPacket(server: ServerProcess, packet: string | Uint8Array): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(packet);
  // not `once(socket, "close")`: that rejects where the server resets the connection, which it may
  await new Promise((resolve) => {
    socket.on("close", resolve);
    setTimeout(resolve, 1_000);
  });
  socket.destroy();
  return received;
}

/** A string as Colyseus writes it in the head of a frame: longer ones with the small end of their length first. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length < 32) return Buffer.concat([Buffer.of(0xa0 | bytes.length), bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.of(0xdb), length, bytes]);
}
