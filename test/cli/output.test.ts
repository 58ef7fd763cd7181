import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TOKEN = fileURLToPath(new URL("../../src/cli/token.ts", import.meta.url));

describe("what a command prints", function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "output-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const start = (stdout: number | "pipe") =>
    spawn(process.execPath, [TOKEN, "--user", "kim"], {
      cwd: folder,
      env: { AUTH_JWT_SECRET: "x".repeat(32) },
      stdio: ["ignore", stdout, "pipe"],
    });
  const ended = async (child: ReturnType<typeof start>) => {
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    return { code, stderr };
  };

  it("[O26] onto a full disk is an error, in a sentence", async function () {
    if (!existsSync("/dev/full")) return this.skip();
    const full = openSync("/dev/full", "w");
    try {
      const { code, stderr } = await ended(start(full));
      assert.deepEqual([code, stderr], [1, "standard output cannot be written: ENOSPC\n"]);
    } finally {
      closeSync(full);
    }
  });

  it("[O26] to a reader that has gone is no error", async () => {
    const child = start("pipe");
    child.stdout!.destroy();
    assert.deepEqual(await ended(child), { code: 0, stderr: "" });
  });
});
