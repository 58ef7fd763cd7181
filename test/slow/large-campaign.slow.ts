import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rowOf } from "../../src/live/row.ts";
import { openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { startTool } from "../support/tool.ts";
import { WrittenLog } from "../support/written-log.ts";

const RECORDS = 12_000;
const VALUE_CHARACTERS = 16_000;
/** Of the heap alone: a fraction of the file, which has some 190 MB. */
const HEAP_MB = 64;

describe("a campaign that is larger than the memory", function () {
  this.timeout(180_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "large-campaign-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("[E16] is written to a file and read back all the same", async () => {
    const data = join(folder, "data");
    const stores = await openSqliteStores({ folder: data });
    const members = [{ userId: "gm", name: null, role: "gm" }] as const;
    await stores.campaigns.create({ id: "c1", name: "Long", createdAt: 1, members });
    const log = WrittenLog.begun();
    const value = JSON.stringify("x".repeat(VALUE_CHARACTERS));
    while (log.state.pos < RECORDS) {
      log.command("kim", [[`shared/n${log.state.pos % 50}`, value]]);
      if (log.state.pos % 100 === 0) await stores.log.append(log.records.splice(0), { row: rowOf(log.state) });
    }
    await stores.close();

    const env = { DATA_DIR: data, NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
    const out = await startTool("export", ["c1"], { cwd: folder, env }).ended;
    assert.deepEqual([out.code, out.stderr], [0, ""]);
    const file = join(folder, "c1.campaign.jsonl");
    assert.ok((await stat(file)).size > RECORDS * VALUE_CHARACTERS);
    const elsewhere = { ...env, DATA_DIR: join(folder, "elsewhere") };
    const into = await startTool("import", [file], { cwd: folder, env: elsewhere }).ended;
    assert.deepEqual([into.code, into.stderr], [0, ""]);
    assert.match(into.stdout, new RegExp(`^1 sessions, ${RECORDS} records: digests and audit heads equal$`, "m"));
  });
});
