import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import { preloaded } from "../support/preloaded.ts";
import { ServerProcess } from "../support/server.ts";
import { runTool } from "../support/tool.ts";

const TOGETHER = 6;

describe("a file system without hard links, rights and synced folders", function () {
  this.timeout(120_000);
  let folder: string;
  let env: { LD_PRELOAD: string; DATA_DIR: string };
  before(function () {
    folder = mkdtempSync(join(tmpdir(), "plain-disk-"));
    const plain = preloaded("plain-disk", folder);
    if ("missing" in plain) {
      console.log(`      skipped: ${plain.missing}`);
      return this.skip();
    }
    env = { LD_PRELOAD: plain.library, DATA_DIR: join(folder, "data") };
  });
  after(() => rmSync(folder, { recursive: true }));

  it("[X51] those that start together on a new folder have one secret", async () => {
    const place = { cwd: folder, env };
    const printed = await Promise.all(
      Array.from({ length: TOGETHER }, () => runTool("token", ["--user", "kim"], place)),
    );
    assert.deepEqual(
      printed.map(({ stderr }) => stderr),
      printed.map(() => ""),
    );
    assert.deepEqual(readdirSync(env.DATA_DIR), ["development-secret"]);
    const server = await ServerProcess.start({ devLogin: true, env: { ...env, MONGODB_URI: "" } });
    try {
      for (const { stdout } of printed) {
        assert.equal(decodeJwt(stdout.trim()).sub, "kim");
        const headers = { Authorization: `Bearer ${stdout.trim()}` };
        assert.equal((await fetch(`${server.url}/api/campaigns`, { headers })).status, 200);
      }
    } finally {
      await server.dispose();
    }
  });

  it("[X51] a server in dev login starts there, backs up, is killed and goes on; a campaign moves", async () => {
    const data = join(folder, "another");
    const server = await ServerProcess.start({ devLogin: true, env: { ...env, DATA_DIR: data, MONGODB_URI: "" } });
    try {
      const evening = await Evening.prepare(server);
      const seat = await evening.gm.join(evening.sessionId);
      await seat.command("set", { path: "shared/door", value: "open" });
      const operator = await Person.of(server, "op", { roles: ["operator"] });
      assert.equal((await operator.ask("POST", "/api/admin/backups")).status, 201);
      await server.kill();
      await server.start();
      const state = await evening.gm.get<{ seq: number }>("GET", `${evening.path}/state`);
      assert.equal(state.seq, 1);
      await server.stop();
      const exported = await runTool("export", [evening.campaignId], { cwd: folder, env: { ...env, DATA_DIR: data } });
      assert.deepEqual([exported.code, exported.stderr], [0, ""]);
    } finally {
      await server.dispose();
    }
  });
});
