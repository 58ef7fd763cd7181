import assert from "node:assert/strict";
import { LOG_FORMAT } from "../../src/stores/mongo/log-document.ts";
import { STORE_FORMAT } from "../../src/stores/mongo/models.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { FORMER_DOCUMENTS, writeFormerDatabase } from "./database.ts";
import { RECORDS, SESSION, SNAPSHOTS } from "./evening.ts";
import { readAndGoOn } from "./read-on.ts";

const [OLDER, NEWER] = SNAPSHOTS;

describe("what former programs left in MongoDB", function () {
  this.timeout(20_000);
  const { open, closeAll, inside } = eachTestInDatabase();

  /** Today's server reads it and goes on. */
  async function readOn(told: readonly RegExp[] = []): Promise<void> {
    const reopen = async () => {
      await closeAll();
      return open();
    };
    await readAndGoOn(await open(), reopen, told);
  }

  it("[L16] every format of documents has been written by hand here", () => {
    assert.deepEqual(FORMER_DOCUMENTS.length, LOG_FORMAT + 1);
  });

  for (const document of FORMER_DOCUMENTS) {
    for (const format of [0, 1] as const) {
      describe(`documents of format ${document}, records and snapshots of format ${format}`, () => {
        it("[L16] the newest snapshot and the log after it are read, and written on", async () => {
          await inside((db) => writeFormerDatabase(db, { document, format, trimmedThrough: OLDER.pos }));
          await readOn();
          const later = { sessionId: SESSION, pos: { $gt: RECORDS.length } };
          const written = await inside((db) => db.collection("log").find(later).toArray());
          assert.ok(written.length > 3);
          for (const { v, records } of written) {
            assert.equal(v, LOG_FORMAT);
            for (const { crc32 } of records) assert.equal(typeof crc32, "number");
          }
          const fact = await inside((db) => db.collection<{ _id: string }>("facts").findOne({ _id: "format" }));
          assert.equal((fact as { value?: number } | null)?.value, STORE_FORMAT, "older programs would open it");
        });

        it("[L16] a whole log without snapshots is read, and written on", async () => {
          await inside(async (db) => {
            await writeFormerDatabase(db, { document, format });
            for (const collection of ["snapshots", "snapshot_parts"]) await db.collection(collection).deleteMany({});
          });
          await readOn();
        });

        it("[L18] a damaged newest snapshot is told by name; the one before and the log are read", async () => {
          await inside(async (db) => {
            await writeFormerDatabase(db, { document, format, trimmedThrough: OLDER.pos });
            const parts = db.collection<{ _id: string }>("snapshot_parts");
            const damage = Buffer.from(NEWER.text[format].slice(700).replace("gm", "gn"), "utf8");
            await parts.updateOne({ _id: "save-1-1" }, { $set: { bytes: damage } });
          });
          await readOn([new RegExp(`^snapshot of session ${SESSION} at position ${NEWER.pos}: checksum is`)]);
        });
      });
    }
  }
});
