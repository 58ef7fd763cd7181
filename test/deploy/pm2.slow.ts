import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "../support/children.ts";
import { freePort } from "../support/ports.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface App {
  readonly name: string;
  readonly namespace: string;
  readonly script: string;
  readonly interpreter: string;
  readonly exec_mode: string;
  readonly instances?: number;
  readonly wait_ready: boolean;
  readonly listen_timeout: number;
  readonly kill_timeout: number;
  readonly env: Readonly<Record<string, string | number>>;
}

/** What pm2 reads in `ecosystem.config.js`, in this environment. */
function appsIn(env: Readonly<Record<string, string>>): App[] {
  const program = `console.log(JSON.stringify((await import("${ROOT}ecosystem.config.js")).apps))`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], { env });
  return JSON.parse(printed.toString());
}

describe("ecosystem.config.js", function () {
  this.timeout(30_000);

  it("[MP95] has as many processes as are asked for, each with a port and an address of its own, in fork mode", () => {
    const apps = appsIn({ PROCESSES: "3", PORT: "3000", INTERNAL_HOST: "10.0.0.7", SHUTDOWN_GRACE_SECONDS: "40" });
    assert.deepEqual(
      apps.map(({ env }) => [env["PORT"], env["INTERNAL_URL"]]),
      [3000, 3001, 3002].map((port) => [port, `http://10.0.0.7:${port}`]),
    );
    assert.equal(new Set(apps.map(({ name }) => name)).size, 3);
    for (const app of apps) {
      assert.deepEqual([app.namespace, app.exec_mode, app.instances], ["campaign-live-sessions", "fork", undefined]);
      assert.equal(app.wait_ready, true);
      assert.ok(app.kill_timeout > 40_000);
    }
    const [one, ...others] = appsIn({});
    assert.deepEqual([one!.env["PORT"], one!.kill_timeout, others], [2567, 30_000, []]);
  });

  it("[MP95] a process started so says that it is ready when it takes players, and SIGINT ends it well", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pm2-"));
    const [app] = appsIn({ PORT: String(await freePort()) });
    const env = Object.fromEntries(Object.entries(app!.env).map(([name, value]) => [name, String(value)]));
    const child = spawn(join(ROOT, app!.interpreter), [join(ROOT, app!.script)], {
      cwd: ROOT,
      env: { ...env, DATA_DIR: folder, AUTH_JWT_SECRET: "s".repeat(48) },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    endsWithUs(child);
    const [message] = await once(child, "message");
    assert.equal(message, "ready");
    assert.equal((await fetch(`http://127.0.0.1:${env["PORT"]}/readyz`)).status, 200);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    assert.equal((await ended)[0], 0);
    rmSync(folder, { recursive: true });
  });
});
