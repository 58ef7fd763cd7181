import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, globSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { contextOf, parseDockerfile } from "./dockerfile.ts";
import { type Built, buildStage, cannotBuild, firstProcessOf, runIn } from "./image-build.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const { dependencies } = JSON.parse(read("package.json"));

/** How many modules Node found compiled, and those that it did not, by what `NODE_DEBUG_NATIVE=COMPILE_CACHE` prints. */
function cached(said: string): { readonly found: number; readonly missing: string[] } {
  return {
    found: said.match(/V8 code cache for \w+ \S+ was accepted/g)?.length ?? 0,
    missing: Array.from(said.matchAll(/V8 code cache for \w+ (\S+) was (?!accepted)/g), ([, path]) => path!).filter(
      // the test's own program
      (path) => !path.startsWith("[eval]"),
    ),
  };
}

/** Carried out by `image-build.ts`, for a machine without Docker: what a registry or a kernel would refuse is not seen. */
describe("deploy/Dockerfile", function () {
  this.timeout(180_000);
  const stages = parseDockerfile(read("deploy/Dockerfile"));
  const isSent = contextOf(read(".dockerignore"));
  let folder: string;
  let image: Built;
  before(function () {
    const why = cannotBuild();
    if (why !== undefined) {
      if (process.env.CI === "true") throw new Error(why);
      console.log(`      skipped: ${why}`);
      return this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "image-"));
    const context = join(folder, "context");
    const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
    for (const file of files.toString().trim().split("\n").filter(isSent)) {
      mkdirSync(dirname(join(context, file)), { recursive: true });
      cpSync(join(ROOT, file), join(context, file));
    }
    // A copy that somebody made with `umask 077` is built all the same.
    execFileSync("chmod", ["-R", "go=", context]);
    const built = new Map<string, Built>();
    for (const [i, stage] of stages.entries()) {
      image = buildStage(stage, built, context, join(folder, `stage-${i}`));
      built.set(stage.name, image);
    }
  });
  after(() => {
    if (folder === undefined) return;
    // This machine's folders were mounted there, for each program by itself: none of them may be removed with it.
    assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(folder));
    rmSync(folder, { recursive: true });
  });

  it("[MP87] what Docker is sent has no data, secrets or packages, and everything that the Dockerfile copies", () => {
    for (const path of [
      ".env",
      "deploy/.env",
      "clients/js/.env",
      "data/campaign-live-sessions.sqlite",
      ".git/config",
    ]) {
      assert.equal(isSent(path), false, path);
    }
    for (const path of ["node_modules/x/a.js", "clients/js/node_modules/x/a.js", "src/a.sqlite-wal", "src/x.log"]) {
      assert.equal(isSent(path), false, path);
    }
    for (const path of ["src/index.ts", "package-lock.json", ".npmrc", "web/home.html"]) assert.ok(isSent(path), path);
  });

  it("[MP87] Node is of the version that the packages bring, and only what a running server needs is in the image", () => {
    assert.equal(stages[0]!.from, `node:${dependencies.node}-bookworm-slim`);
    const lock = JSON.parse(read("package-lock.json")).packages as Record<string, { dev?: boolean }>;
    const developers = Object.keys(lock).filter((path) => lock[path]!.dev === true);
    assert.ok(developers.includes("node_modules/mocha"));
    const app = join(image.root, "app");
    assert.deepEqual(
      developers.filter((path) => lstatSync(join(app, path), { throwIfNoEntry: false })),
      [],
    );
    assert.ok(lstatSync(join(app, "node_modules/@colyseus/core")).isDirectory());
    assert.deepEqual(readdirSync(app).sort(), [
      ...["LICENSE", "compile-cache", "deploy", "dist", "examples", "node_modules", "package.json", "src"],
    ]);
  });

  it("[MP88] its user may write nothing in it but DATA_DIR", () => {
    assert.equal(image.user, "1000:1000");
    for (const path of globSync("app/**", { cwd: image.root })) {
      const { uid, mode } = lstatSync(join(image.root, path));
      assert.equal(uid, 0, path);
      assert.equal(lstatSync(join(image.root, path)).isSymbolicLink() ? 0 : mode & 0o022, 0, path);
    }
    const { uid, mode } = lstatSync(join(image.root, "data"));
    assert.deepEqual([uid, mode & 0o777], [1000, 0o700]);
    assert.equal(image.env["DATA_DIR"], "/data");
  });

  it("[MP88] the program's commands run in it", async () => {
    const program = ["/usr/local/bin/node", "src/run.js", "src/cli/token.ts", "--user", "you", "--operator"];
    const token = runIn(image, { env: { AUTH_JWT_SECRET: "s".repeat(48) }, program, isReadOnly: true });
    let said = "";
    token.stdout!.setEncoding("utf8").on("data", (text) => (said += text));
    assert.equal((await once(token, "close"))[0], 0);
    assert.match(said, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  it("[MP88] [MP89] the server is the first process, with nothing to build; it is healthy, and SIGTERM ends it well", async () => {
    const PORT = String(await freePort());
    const env = { PORT, HOST: "127.0.0.1", AUTH_JWT_SECRET: "s".repeat(48), NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    const healthy = async (): Promise<number | null> => {
      const check = stages.at(-1)!.instructions.find(({ name }) => name === "HEALTHCHECK")!.text;
      const program: string[] = JSON.parse(check.slice(check.indexOf("[")));
      const child = runIn(image, { env: { PORT }, program: [`/usr/local/bin/${program[0]}`, ...program.slice(1)] });
      return (await once(child, "exit"))[0];
    };
    assert.equal(await healthy(), 1, "nobody listens yet");
    const server = runIn(image, { env, isReadOnly: true });
    let said = "";
    for (const from of [server.stdout!, server.stderr!]) from.setEncoding("utf8").on("data", (text) => (said += text));
    const url = `http://127.0.0.1:${PORT}`;
    await eventually(
      "it is ready",
      () => {
        assert.equal(server.exitCode, null, said);
        return fetch(`${url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      20_000,
    );
    assert.equal(await healthy(), 0);
    assert.equal((await fetch(url)).status, 200, "the pages are there");
    const pid = firstProcessOf(server);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    assert.match(status, /^NSpid:\t\d+\t1$/m);
    assert.match(status, /^Uid:\t1000\t1000/m);
    const ended = once(server, "exit");
    process.kill(pid, "SIGTERM");
    assert.equal((await ended)[0], 0, said);
    assert.doesNotMatch(said, /building them/);
    const { found, missing } = cached(said);
    assert.ok(found > 500, `${found} modules came from the image`);
    assert.deepEqual(missing, []);
  });

  it("[MP89] what MongoDB needs is compiled in it, too", async () => {
    const program = ["/usr/local/bin/node", "-e", 'import("/app/src/stores/mongo/stores.ts")'];
    const node = runIn(image, { env: { NODE_DEBUG_NATIVE: "COMPILE_CACHE" }, program, isReadOnly: true });
    let said = "";
    for (const from of [node.stdout!, node.stderr!]) from.setEncoding("utf8").on("data", (text) => (said += text));
    assert.equal((await once(node, "close"))[0], 0, said);
    const { found, missing } = cached(said);
    assert.ok(found > 200, `${found} modules came from the image`);
    assert.deepEqual(missing, []);
  });
});
