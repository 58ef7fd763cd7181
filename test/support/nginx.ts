import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";

/** Whether this machine has nginx. @throws in CI, where it has to be there */
export function hasNginx(): boolean {
  try {
    execFileSync("nginx", ["-v"], { stdio: "pipe", env: WITH_SBIN });
    return true;
  } catch {
    if (process.env.CI === "true") throw new Error("CI has no nginx: install the package of that name");
    console.log("      skipped: there is no nginx on this machine (apt-get install nginx)");
    return false;
  }
}

const WITH_SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** An nginx of the tests' own, on a free port of the loopback, without TLS. */
export class Nginx {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** @param http lines for the `http` block @param server lines for the one `server` block */
  static async start(http: string, server: string): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    const port = await freePort();
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const file = join(folder, "nginx.conf");
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  ${http}
  server { listen 127.0.0.1:${port}; ${server} }
}
`,
    );
    const child = spawn("nginx", ["-c", file, "-p", folder, "-e", join(folder, "error.log")], {
      stdio: "ignore",
      env: WITH_SBIN,
    });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, folder, child);
    await eventually("nginx answers", () => fetch(nginx.url).then(Boolean, () => false), 10_000);
    return nginx;
  }

  async dispose(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await once(this.#child, "exit");
    }
    rmSync(this.#folder, { recursive: true });
  }
}
