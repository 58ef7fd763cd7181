import { randomBytes } from "node:crypto";
import { eventually } from "./eventually.ts";
import { dropDatabase, inDatabase, type MongoServer, withDatabase } from "./mongo-server.ts";
import { freePort } from "./ports.ts";
import { ServerProcess } from "./server.ts";

export interface FleetOptions {
  readonly count: number;
  /** default: one at which nobody listens, for a cluster works without Redis */
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** more of it, of each server at its port */
  readonly ownEnv?: (port: number) => Readonly<Record<string, string>>;
  /** more of it, of the nth server. @param uri of the database */
  readonly envOf?: (n: number, uri: string) => Readonly<Record<string, string>>;
}

interface LeaseDocument {
  _id: string;
  processId: string;
  epoch: number;
}

/** Several real servers that serve the same campaigns: one database, one secret. */
export class Fleet {
  readonly servers: readonly ServerProcess[];
  readonly uri: string;

  private constructor(servers: readonly ServerProcess[], uri: string) {
    this.servers = servers;
    this.uri = uri;
  }

  static async start(mongo: MongoServer, { count, redisUrl, env, ownEnv, envOf }: FleetOptions): Promise<Fleet> {
    const uri = withDatabase(mongo.uri("x"), `fleet-${randomBytes(6).toString("hex")}`);
    const common = {
      MONGODB_URI: uri,
      REDIS_URL: redisUrl ?? `redis://127.0.0.1:${await freePort()}`,
      AUTH_JWT_SECRET: randomBytes(32).toString("hex"),
      ...env,
    };
    const atPort = (port: number) => ({ INTERNAL_URL: `http://127.0.0.1:${port}`, ...ownEnv?.(port) });
    const started = await Promise.allSettled(
      Array.from({ length: count }, (_, n) =>
        ServerProcess.start({ env: { ...common, ...envOf?.(n, uri) }, ownEnv: atPort }),
      ),
    );
    const servers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const fleet = new Fleet(servers, uri);
    const failed = started.find((one) => one.status === "rejected");
    if (failed !== undefined) {
      await fleet.dispose();
      throw failed.reason;
    }
    return fleet;
  }

  /** The id of the life that a server has now. */
  async processIdOf(server: ServerProcess): Promise<string> {
    return await eventually("the server is listed", () =>
      inDatabase(this.uri, async (db) => {
        const listed = await db.collection("beats").find({ isListed: true, internalUrl: server.url }).toArray();
        return listed.toSorted((a, b) => b.startedAt - a.startedAt)[0]?._id as string | undefined;
      }),
    );
  }

  /** Which process the store says to host each session. */
  async leases(): Promise<ReadonlyMap<string, string>> {
    return await inDatabase(this.uri, async (db) => {
      const leases = await db.collection<LeaseDocument>("leases").find().toArray();
      return new Map(leases.map(({ _id, processId }) => [_id, processId]));
    });
  }

  async dispose(): Promise<void> {
    for (const server of this.servers) await server.dispose();
    await dropDatabase(this.uri);
  }
}
