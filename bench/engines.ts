import { spawnSync } from "node:child_process";
import { HOW_TO_GET_ONE, MongoServer, mongoProgram } from "../test/support/mongo-server.ts";
import { HOW_TO_GET_REDIS, RedisServer } from "../test/support/own-redis.ts";

/** What several processes share. */
export interface Engines {
  readonly mongo: MongoServer;
  readonly redis: RedisServer;
  stop(): Promise<void>;
}

/** A database server and a Redis of a bench's own. @throws with what is missing on this machine */
export async function startEngines(): Promise<Engines> {
  const missing = [
    ...(mongoProgram() === undefined ? [HOW_TO_GET_ONE] : []),
    ...(spawnSync("redis-server", ["--version"]).status === 0 ? [] : [HOW_TO_GET_REDIS]),
  ];
  if (missing.length > 0) throw new Error(`this bench needs ${missing.join("; and ")}`);
  const mongo = await MongoServer.start();
  const redis = await RedisServer.start();
  return {
    mongo,
    redis,
    async stop() {
      await redis.dispose();
      await mongo.dispose();
    },
  };
}
