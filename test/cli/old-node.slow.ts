import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { scripts, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const SENTENCE = /^This is Node v[\d.]+, and Node 22 or newer .* is needed: run "npm ci" .* https:\/\/nodejs\.org\n$/;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("an old Node", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "old-node-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const run = (node: string, args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH ?? "", AUTH_JWT_SECRET: "x".repeat(32), NODE_ENV: "test" };
      execFile(node, args, { cwd: folder, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const token = [join(ROOT, "src/run.js"), "src/cli/token.ts", "--user", "kim"];
  /** This Node, which says that it is another. */
  const runAs = (version: string) => {
    const lie = `Object.defineProperty(process, "version", { value: "v${version}" })`;
    return run(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(lie)}`, ...token]);
  };

  it("[O23] is told in a sentence which one is needed, and how to get it", async () => {
    for (const version of ["18.20.8", "20.20.2", "21.7.3", "22.17.1", "23.7.0"]) {
      const { code, stdout, stderr } = await runAs(version);
      assert.deepEqual([code, stdout], [1, ""], version);
      assert.match(stderr, SENTENCE);
      assert.ok(stderr.includes(`v${version},`));
    }
  });

  it("[O23] those that `engines` names run", async () => {
    assert.equal(engines.node, "^22.18.0 || >=23.8.0");
    for (const version of ["22.18.0", "22.99.1", "23.8.0", "24.0.0", "26.1.0"]) {
      const { code, stdout } = await runAs(version);
      assert.deepEqual([code, stdout.split(".").length], [0, 3], version);
    }
  });

  it("[O23] every npm script that runs a program of ours asks before a .ts file is loaded", () => {
    for (const [name, script] of Object.entries<string>(scripts)) {
      for (const [command] of script.matchAll(/\bnode\b.*?\.ts/g)) {
        assert.match(command, /^node (--watch )?src\/run\.js [\w/-]+\.ts$/, name);
      }
    }
    for (const name of ["start", "dev", "token", "doctor", "export", "import", "demo", "loadtest", "bench"]) {
      assert.ok(scripts[name].includes("src/run.js"), name);
    }
  });

  it("[O23] a real one that this machine has is told, too", async () => {
    for (const path of (process.env.PATH ?? "").split(delimiter)) {
      const node = join(path, process.platform === "win32" ? "node.exe" : "node");
      if (!existsSync(node)) continue;
      const version = (await run(node, ["--version"])).stdout;
      const { code, stderr } = await run(node, token);
      if (Number(/^v(\d+)/.exec(version)?.[1]) >= 24) assert.equal(code, 0, node);
      else if (Number(/^v(\d+)/.exec(version)?.[1]) < 22) assert.match(stderr, SENTENCE, node);
    }
  });
});
