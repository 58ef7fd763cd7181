import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ServerProcess } from "../support/server.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const run = promisify(execFile);

describe("README", () => {
  let server: ServerProcess;
  before(async function () {
    this.timeout(20_000);
    server = await ServerProcess.start({ devLogin: true });
  });
  after(() => server.dispose());

  it("[H46] its code runs as it stands against a server in dev login, and ends by itself", async function () {
    this.timeout(20_000);
    const [, code = ""] = /```js\n([\s\S]*?)```/.exec(README) ?? [];
    const here = code.replace("http://127.0.0.1:2567", server.url);
    assert.notEqual(here, code);
    const args = ["--input-type=module", "--eval", here];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: ROOT, timeout: 15_000 });
    assert.match(stdout, /^1 1$/m);
    assert.equal(stderr, "");
  });

  it("[H46] every file that README and docs link to is there", () => {
    const pages = globSync(["*.md", "{docs,clients,examples}/**/*.md"], { cwd: ROOT });
    assert.ok(pages.includes("README.md") && pages.includes("docs/spec.md"));
    const broken: string[] = [];
    for (const page of pages.filter((path) => !path.includes("node_modules"))) {
      const at = new URL(`../../${page}`, import.meta.url);
      for (const [, target = ""] of readFileSync(at, "utf8").matchAll(/\]\((?!\w+:)([^)#\s]+)/g)) {
        try {
          readFileSync(new URL(target, at), { flag: "r" });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EISDIR") broken.push(`${page}: ${target}`);
        }
      }
    }
    assert.deepEqual(broken, []);
  });
});
