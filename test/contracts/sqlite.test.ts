import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATA_FILE, openSqliteStores, type SqliteOptions } from "../../src/stores/sqlite/stores.ts";
import { storesContract } from "./all.ts";
import { garbled, type OpenStores, type StoresUnderTest } from "./under-test.ts";

function sqlite(thread: NonNullable<SqliteOptions["thread"]>): OpenStores {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "sessions-"));
    const underTest: StoresUnderTest = {
      stores: await openSqliteStores({ folder, thread }),
      async reopen() {
        await underTest.stores.close();
        underTest.stores = await openSqliteStores({ folder, thread });
        return underTest.stores;
      },
      async losePart(sessionId, pos) {
        await underTest.stores.close();
        const db = new DatabaseSync(join(folder, DATA_FILE));
        const lost = db
          .prepare(
            "DELETE FROM snapshot_part WHERE n = 1 AND save_id IN (SELECT save_id FROM snapshot WHERE session_id = ? AND pos = ?)",
          )
          .run(sessionId, pos);
        db.close();
        if (lost.changes !== 1) throw new Error("There was no such part.");
        underTest.stores = await openSqliteStores({ folder, thread });
      },
      async garble({ sessionId, pos, where, ...change }) {
        await underTest.stores.close();
        const db = new DatabaseSync(join(folder, DATA_FILE));
        if (where === "snapshot") {
          const part = db
            .prepare(
              `SELECT rowid AS id, bytes FROM snapshot_part
               WHERE n = 0 AND save_id IN (SELECT save_id FROM snapshot WHERE session_id = ? AND pos = ?)`,
            )
            .get(sessionId, pos);
          const bytes = Buffer.from(
            garbled(Buffer.from(part?.bytes as Uint8Array).toString("latin1"), change),
            "latin1",
          );
          db.prepare("UPDATE snapshot_part SET bytes = ? WHERE rowid = ?").run(bytes, part?.id as number);
        } else {
          const text = db
            .prepare(`SELECT ${where} AS text FROM log WHERE session_id = ? AND pos = ?`)
            .get(sessionId, pos);
          db.prepare(`UPDATE log SET ${where} = ? WHERE session_id = ? AND pos = ?`).run(
            garbled(String(text?.text), change),
            sessionId,
            pos,
          );
        }
        db.close();
        underTest.stores = await openSqliteStores({ folder, thread });
      },
      async dispose() {
        await underTest.stores.close();
        await rm(folder, { recursive: true });
      },
    };
    return underTest;
  };
}

storesContract("SQLite", sqlite("worker"));
storesContract("SQLite on the main thread", sqlite("main"));
