import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:http";
import { freePort } from "../support/ports.ts";

const FILE = new URL("../../deploy/nginx.conf", import.meta.url);

/**
 * `deploy/nginx.conf` for servers at these ports of the loopback. There are two in the file; nothing else is changed.
 * @param on the marks of commented lines that are to count: `tls`, `real_ip`
 */
export function nginxFile(ports: readonly [number, number], on: readonly string[] = []): string {
  let text = readFileSync(FILE, "utf8");
  for (const [i, port] of ports.entries()) {
    assert.equal(text.split(`server-${i + 1}:2567`).length, 3, "each server stands there twice");
    text = text.replaceAll(`server-${i + 1}:2567`, `127.0.0.1:${port}`);
  }
  for (const mark of on) text = text.replaceAll(`#${mark} `, "");
  return on.includes("tls") ? text.replace("listen 80;", "") : text;
}

/** A server of the test's own behind nginx: what it is sent stands in `seen`. */
export class Upstream {
  readonly seen: string[] = [];
  readonly port: number;
  #server: Server | undefined;
  readonly #answer: RequestListener;

  private constructor(port: number, answer: RequestListener) {
    this.port = port;
    this.#answer = answer;
  }

  static async start(answer: RequestListener): Promise<Upstream> {
    const upstream = new Upstream(await freePort(), answer);
    await upstream.listen();
    return upstream;
  }

  /** Takes connections again. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.seen.push(`${request.method} ${request.url}`);
      this.#answer(request, response);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  /** Refuses connections, and ends those that are open. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** What it was sent since the last call. */
  take(): string[] {
    return this.seen.splice(0);
  }
}
