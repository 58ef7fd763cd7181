import { HOW_TO_GET_ONE, MongoServer, mongoProgram } from "./mongo-server.ts";

/**
 * A database server for the tests of one `describe`, theirs alone: it may be killed and stopped. Where there is none to be
 * had they are skipped, and a line says how to get one; in CI that is a failure.
 */
export function ownMongo(): () => MongoServer {
  let server: MongoServer | undefined;
  before(async function () {
    this.timeout(20_000);
    if (mongoProgram() === undefined) {
      if (process.env.CI === "true") throw new Error(`needs ${HOW_TO_GET_ONE}`);
      console.log(`      skipped: needs ${HOW_TO_GET_ONE}`);
      return this.skip();
    }
    server = await MongoServer.start();
  });
  after(() => server?.dispose());
  return () => {
    if (server === undefined) throw new Error("No test is running.");
    return server;
  };
}
