import { connect, isIPv6, type Socket } from "node:net";
import { connect as connectByTls } from "node:tls";
import type { Host } from "./hosts.ts";
import { CHALLENGE_HEADER, type PeerProof, PROOF_HEADER, PROOF_PATH } from "./peer-proof.ts";

const CONNECTED_WITHIN_MS = 1_000;
/** From the connection on. A process that is there answers at once, but for what it is just doing. */
const PROVEN_WITHIN_MS = 2_000;
const MOST_ANSWER_BYTES = 8_192;

/**
 * Why a host cannot be asked. `refused`: nobody listens there. `replaced`: another process of ours does. `silent`: no connection,
 * or no answer, in time. `unproven`: whoever listens there is none of ours.
 */
export type WhyUnreachable = "refused" | "replaced" | "silent" | "unproven";

export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";
  readonly why: WhyUnreachable;
  constructor(why: WhyUnreachable) {
    super(`the host cannot be asked: ${why}`);
    this.why = why;
  }

  /** Whether the process is known to be there no more. */
  get isGone(): boolean {
    return this.why === "refused" || this.why === "replaced";
  }
}

export interface ProvenConnectionsDeps {
  readonly proof: PeerProof;
  /** somebody answers at a process' address who is none of ours */
  readonly onUnproven?: (processId: string) => void;
  /** another process of ours answers at a process' address: it was started there since, or both have the same address */
  readonly onReplaced?: (processId: string, by: string) => void;
  readonly connectedWithinMs?: number;
  readonly provenWithinMs?: number;
}

/**
 * Connections to other processes. What is at the other end has proved that it is the process that is meant before anything
 * of a client is sent, each time anew: an address may be somebody else's by now.
 */
export class ProvenConnections {
  readonly #deps: ProvenConnectionsDeps;
  readonly #aheadMs = new WeakMap<object, number>();

  constructor(deps: ProvenConnectionsDeps) {
    this.#deps = deps;
  }

  /** @throws HostUnreachable */
  async open(host: Host): Promise<Socket> {
    const socket = await this.#connect(new URL(host.internalUrl));
    try {
      await this.#prove(socket, host);
      return socket;
    } catch (error) {
      socket.destroy();
      const why = error instanceof HostUnreachable ? error.why : "silent";
      if (why === "unproven") this.#deps.onUnproven?.(host.processId);
      throw error instanceof HostUnreachable ? error : new HostUnreachable(why);
    }
  }

  /** How far the clock of whoever is at the other end is ahead of ours, in ms. */
  aheadMs(connection: object): number {
    return this.#aheadMs.get(connection) ?? 0;
  }

  #connect({ protocol, hostname, port }: URL): Promise<Socket> {
    const isTls = protocol === "https:";
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const to = { host, port: Number(port) || (isTls ? 443 : 80), noDelay: true, keepAlive: true };
    const socket = isTls ? connectByTls({ ...to, ...(isName(host) ? { servername: host } : {}) }) : connect(to);
    return new Promise((resolve, reject) => {
      const fail = (why: WhyUnreachable): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new HostUnreachable(why));
      };
      const timer = setTimeout(() => fail("silent"), this.#deps.connectedWithinMs ?? CONNECTED_WITHIN_MS);
      socket.on("error", (error: NodeJS.ErrnoException) => fail(isRefusal(error) ? "refused" : "silent"));
      socket.once(isTls ? "secureConnect" : "connect", () => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
  }

  async #prove(socket: Socket, host: Host): Promise<void> {
    const { proof, provenWithinMs = PROVEN_WITHIN_MS } = this.#deps;
    const challenge = proof.challenge(host);
    const { host: authority, pathname } = new URL(host.internalUrl);
    socket.write(
      `POST ${pathname.replace(/\/$/, "")}${PROOF_PATH} HTTP/1.1\r\nHost: ${authority}\r\n` +
        `${CHALLENGE_HEADER}: ${challenge}\r\nContent-Length: 0\r\n\r\n`,
    );
    const { status, headers } = await headOf(socket, provenWithinMs);
    // One that drains, or is swamped, is no impostor.
    if (status >= 500) throw new HostUnreachable("silent");
    const by = proof.provenBy(challenge, headers.get(PROOF_HEADER) ?? "");
    if (by === undefined) throw new HostUnreachable("unproven");
    if (by.processId !== host.processId) {
      this.#deps.onReplaced?.(host.processId, by.processId);
      throw new HostUnreachable("replaced");
    }
    this.#aheadMs.set(socket, by.aheadMs);
  }
}

/** The one answer that comes, which has no body. @throws where another one comes, or none in time */
function headOf(socket: Socket, withinMs: number): Promise<{ status: number; headers: Map<string, string> }> {
  return new Promise((resolve, reject) => {
    let received = "";
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      socket.off("data", take).off("close", cut);
      done();
    };
    const fail = (why: WhyUnreachable): void => settle(() => reject(new HostUnreachable(why)));
    const cut = (): void => fail("silent");
    const take = (bytes: Buffer): void => {
      received += bytes.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) {
        if (received.length > MOST_ANSWER_BYTES) fail("unproven");
        return;
      }
      const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${statusLine} `)?.[1] ?? 0);
      // Whatever else comes with it is nothing that a process of ours says.
      if (status !== 204 || received.length > end + 4) {
        fail(status >= 500 ? "silent" : "unproven");
        return;
      }
      settle(() => resolve({ status, headers: new Map(lines.map(field)) }));
    };
    const timer = setTimeout(cut, withinMs);
    socket.on("data", take).once("close", cut);
  });
}

function field(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Of several addresses of a name, all refuse. */
function isRefusal(error: NodeJS.ErrnoException): boolean {
  if (error.code === "ECONNREFUSED") return true;
  const { errors } = error as { errors?: readonly NodeJS.ErrnoException[] };
  return errors !== undefined && errors.length > 0 && errors.every(({ code }) => code === "ECONNREFUSED");
}

/** An address has no name to be asked for. */
function isName(host: string): boolean {
  return !isIPv6(host) && !/^[\d.]+$/.test(host);
}
