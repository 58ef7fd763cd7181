/**
 * A process that appends to the SQLite stores in a folder until it is killed: `node log-writer.ts <folder> <sessions>`.
 * Says `ready`, then a line `<session> <pos>` for every append that was acknowledged, `refused <name>` for one that
 * was not, after which it tries the identical record again.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { commandsAt, eventNumber } from "../contracts/records.ts";

const [folder = "", sessions = "1"] = process.argv.slice(2);
// Synchronous: what was said has left this process, so that no kill can take it back.
const say = (line: string): void => {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      // Whoever reads is slower than we are.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

const { log } = await openSqliteStores({ folder });
say("ready");
await Promise.all(
  Array.from({ length: Number(sessions) }, async (_, i) => {
    const sessionId = `session-${i}`;
    let pos = (await log.commands(sessionId, 0, 1_000_000)).length + 1;
    for (;;) {
      try {
        await log.append([commandsAt(pos, [pos], { sessionId, audit: [eventNumber(pos)] })]);
        say(`${i} ${pos}`);
        pos++;
      } catch (error) {
        say(`refused ${error instanceof Error ? error.name : error}`);
        await sleep(20);
      }
    }
  }),
);
