import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { openSqliteStores } from "../../src/stores/sqlite/stores.ts";
import { runTool } from "../support/tool.ts";

describe("commands, with what begins with a dash", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dashes-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const place = (name: string) => ({
    cwd: folder,
    env: { DATA_DIR: join(folder, name), AUTH_JWT_SECRET: "x".repeat(32) },
  });

  it("[T25] a campaign under such an id is exported, and its file, named after it, imported", async () => {
    const id = "-KMAzVb1eQQqY1rn";
    const stores = await openSqliteStores({ folder: join(folder, "from") });
    await stores.campaigns.create({
      id,
      name: "Old",
      createdAt: 1,
      members: [{ userId: "-gm", name: null, role: "gm" }],
    });
    await stores.close();
    const out = await runTool("export", [id], place("from"));
    assert.deepEqual([out.code, out.stderr], [0, ""]);
    const into = await runTool("import", [`${id}.campaign.jsonl`], place("to"));
    assert.deepEqual([into.code, into.stderr], [0, ""]);
    const moved = await openSqliteStores({ folder: join(folder, "to") });
    assert.equal((await moved.campaigns.find(id))?.members[0]?.userId, "-gm");
    await moved.close();
    const again = await runTool("export", ["--to", "-backup", id], place("to"));
    assert.deepEqual([again.code, again.stderr], [0, ""]);
  });

  it("[T25] a token's user and name may be such", async () => {
    const { stdout } = await runTool("token", ["--user", "-kim", "--name", "--Kim--"], place("none"));
    const { sub, name } = decodeJwt(stdout.trim());
    assert.deepEqual([sub, name], ["-kim", "--Kim--"]);
  });

  it("[T25] what is no option is told all the same", async () => {
    for (const [name, args] of [
      ["export", ["--all"]],
      ["import", ["-nothing"]],
      ["token", ["--user", "kim", "-o"]],
      ["doctor", ["-m"]],
    ] as const) {
      const { code, stderr } = await runTool(name, args, place("none"));
      assert.equal(code, name === "doctor" ? 2 : 1);
      assert.match(stderr, /Unknown option[\s\S]*\nusage: npm run /);
    }
  });
});
