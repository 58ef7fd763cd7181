import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { markOf } from "../../src/stores/sqlite/in-use-mark.ts";
import { DATA_FILE, openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { garbled } from "../contracts/under-test.ts";
import { type DoctorsStore, doctorContract, type Harm } from "./doctors-store.ts";

async function sqlite(): Promise<DoctorsStore> {
  const folder = await mkdtemp(join(tmpdir(), "doctor-"));
  return {
    env: { DATA_DIR: folder, MONGODB_URI: "" },
    open: () => openSqliteStores({ folder }),
    async dump() {
      const names = (await readdir(folder)).filter((name) => name.startsWith(DATA_FILE) && !name.endsWith("-shm"));
      const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
      // A log without anything in it says as much as none.
      return files
        .filter(([, { length }]) => length > 0)
        .map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]);
    },
    harm: harmIn(join(folder, DATA_FILE)),
    dispose: () => rm(folder, { recursive: true }),
  };
}

const OF_SNAPSHOT = "save_id IN (SELECT save_id FROM snapshot WHERE session_id = ? AND pos = ?)";

function harmIn(path: string): Harm {
  const run = async (sql: string, ...values: (string | number | Uint8Array)[]) => {
    const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    const { changes } = db.prepare(sql).run(...values);
    db.close();
    // Closed properly by another program: its log is gone for good.
    rmSync(markOf(path), { force: true });
    assert.ok(changes > 0, `${sql} changed nothing`);
  };
  const get = (sql: string, ...values: (string | number)[]) => {
    const db = new DatabaseSync(path);
    const found = db.prepare(sql).get(...values);
    db.close();
    return found;
  };
  return {
    gap: (sessionId) => run("DELETE FROM log WHERE session_id = ? AND pos BETWEEN 9 AND 12", sessionId),
    async garble(sessionId, pos, where, from, to) {
      if (where !== "snapshot") {
        const found = get(`SELECT ${where} AS text FROM log WHERE session_id = ? AND pos = ?`, sessionId, pos);
        const text = garbled(String(found?.text), { from, to });
        await run(`UPDATE log SET ${where} = ? WHERE session_id = ? AND pos = ?`, text, sessionId, pos);
        return;
      }
      const found = get(`SELECT bytes FROM snapshot_part WHERE n = 0 AND ${OF_SNAPSHOT}`, sessionId, pos);
      const bytes = Buffer.from(
        garbled(Buffer.from(found?.bytes as Uint8Array).toString("latin1"), { from, to }),
        "latin1",
      );
      await run(`UPDATE snapshot_part SET bytes = ? WHERE n = 0 AND ${OF_SNAPSHOT}`, bytes, sessionId, pos);
    },
    losePart: (sessionId, pos) => run(`DELETE FROM snapshot_part WHERE n = 0 AND ${OF_SNAPSHOT}`, sessionId, pos),
    strayPart: () => run("INSERT INTO snapshot_part VALUES ('a save that was cut off', 0, x'00')"),
    retitle: (sessionId, title) => run("UPDATE session SET title = ? WHERE session_id = ?", title, sessionId),
    loseLookup: (hash) => run("DELETE FROM invite WHERE token_hash = ?", hash),
    addLookup: (hash, sessionId) => run("INSERT INTO invite (token_hash, session_id) VALUES (?, ?)", hash, sessionId),
    async loseCampaign(campaignId) {
      await run("DELETE FROM member WHERE campaign_id = ?", campaignId);
      await run("DELETE FROM campaign WHERE id = ?", campaignId);
    },
  };
}

doctorContract("SQLite", sqlite);
