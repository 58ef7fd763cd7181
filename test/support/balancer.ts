import type { Fleet } from "./fleet.ts";
import { TcpProxy } from "./proxy.ts";
import type { ServerProcess } from "./server.ts";

/** A plain load balancer without stickiness: each connection goes to the next server that is not known to be gone. */
export class Balancer {
  /** servers that it does not ask, for they stand still */
  readonly asleep = new Set<ServerProcess>();
  readonly #proxy: TcpProxy;

  private constructor(proxy: TcpProxy) {
    this.#proxy = proxy;
  }

  static async before(fleet: Fleet): Promise<Balancer> {
    let turn = 0;
    let balancer: Balancer | undefined;
    const proxy = await TcpProxy.to(() => {
      const awake = fleet.servers.filter((server) => server.isRunning && !balancer?.asleep.has(server));
      return awake[turn++ % awake.length]!.port;
    });
    balancer = new Balancer(proxy);
    return balancer;
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** SIGSTOP: from now on it is not asked. */
  stop(server: ServerProcess): void {
    this.asleep.add(server);
    process.kill(server.pid, "SIGSTOP");
  }

  /** SIGCONT. */
  wake(server: ServerProcess): void {
    process.kill(server.pid, "SIGCONT");
    this.asleep.delete(server);
  }

  /** Wakes all, and lets go. */
  async dispose(): Promise<void> {
    for (const server of this.asleep) this.wake(server);
    await this.#proxy.close();
  }
}
