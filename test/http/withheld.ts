import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Evening } from "./evening.ts";

/** A request whose body is short of its last byte, so that the server waits for it. */
export class WithheldRequest {
  readonly #socket: Socket;
  readonly #lastByte: Buffer;
  #received = "";

  private constructor(socket: Socket, lastByte: Buffer) {
    this.#socket = socket;
    this.#lastByte = lastByte;
    socket.setEncoding("utf8").on("data", (text: string) => {
      this.#received += text;
    });
    socket.on("error", () => undefined);
  }

  /** Sends all but the last byte, and waits until the server has read it. */
  static async begin(
    evening: Evening,
    { method, path, body, token }: { method: string; path: string; body: unknown; token?: string },
  ): Promise<WithheldRequest> {
    const bytes = Buffer.from(JSON.stringify(body));
    const head = [
      `${method} ${path} HTTP/1.1`,
      "Host: localhost",
      "Connection: close",
      "Content-Type: application/json",
      `Content-Length: ${bytes.length}`,
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ];
    const socket = connect(Number(new URL(evening.url).port), "127.0.0.1");
    await once(socket, "connect");
    const request = new WithheldRequest(socket, bytes.subarray(-1));
    const before = evening.requests;
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    socket.write(bytes.subarray(0, -1));
    while (evening.requests === before) await new Promise(setImmediate);
    // What the server does before it waits for the body asks stores in memory alone: a few turns of the loop.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    return request;
  }

  /** Whether the server has answered already. */
  get isAnswered(): boolean {
    return this.#received !== "";
  }

  /** Sends the last byte. @returns status and code */
  async finish(): Promise<string> {
    this.#socket.write(this.#lastByte);
    await once(this.#socket, "close");
    const [head = "", body = ""] = this.#received.split("\r\n\r\n");
    const code = /"code":"(\w+)"/.exec(body)?.[1];
    const status = head.split(" ")[1];
    return code === undefined ? `${status}` : `${status} ${code}`;
  }
}
