import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "./children.ts";
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

const PROGRAM = ["-g", "daemon off;"];
/** What nginx keeps in files for a while. Its workers are another user's: they never get here, for nothing is so large. */
const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

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
    return await Nginx.#run(
      (folder, port) => `pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  access_log off;
  ${http}
  server { listen 127.0.0.1:${port}; ${server} }
}
`,
    );
  }

  /**
   * Starts one on a whole configuration, that of `deploy/nginx.conf` say.
   * @param text with `listen 80;`, and its files in `/run` and `/var/log/nginx`: other places are put there
   */
  static async startWhole(text: string): Promise<Nginx> {
    return await Nginx.#run((folder, port) => elsewhere(text, folder, `127.0.0.1:${port}`));
  }

  /** What nginx says to a whole configuration, without running it; empty where it is content. */
  static complaints(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    const file = join(folder, "nginx.conf");
    writeFileSync(file, elsewhere(text, folder, "127.0.0.1:9"));
    try {
      execFileSync("nginx", ["-t", "-q", "-c", file, "-e", join(folder, "error.log")], {
        stdio: "pipe",
        env: WITH_SBIN,
      });
      return readFileSync(join(folder, "error.log"), "utf8");
    } catch (error) {
      return String((error as { stderr: Buffer }).stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** What it has written to a log so far. */
  log(name: "access" | "error"): string {
    return readFileSync(join(this.#folder, `${name}.log`), "utf8");
  }

  static async #run(configure: (folder: string, port: number) => string): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    const port = await freePort();
    const file = join(folder, "nginx.conf");
    const temporary = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
    writeFileSync(file, configure(folder, port).replace(/^http \{/m, `http { ${temporary}`));
    const child = spawn("nginx", [...PROGRAM, "-c", file, "-p", folder, "-e", join(folder, "error.log")], {
      stdio: "ignore",
      env: WITH_SBIN,
    });
    endsWithUs(child);
    const nginx = new Nginx(`http://127.0.0.1:${port}`, folder, child);
    await eventually("nginx answers", () => fetch(`${nginx.url}/healthz`).then(Boolean, () => false), 10_000);
    return nginx;
  }

  /** Ends it; again, it is nothing. */
  async dispose(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A configuration whose files are in a folder of the test's, and which listens where the test says. */
function elsewhere(text: string, folder: string, address: string): string {
  return text
    .replace("listen 80;", `listen ${address};`)
    .replace("listen 443 ", `listen ${address} `)
    .replaceAll(/\/run\/|\/var\/log\/nginx\/|\/etc\/nginx\/tls\//g, `${folder}/`);
}
