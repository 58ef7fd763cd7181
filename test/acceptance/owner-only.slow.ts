import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownersFolder } from "../../src/files/owner-only.ts";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";
import { runTool } from "../support/tool.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/campaign-live-sessions", import.meta.url));
/** As a shell with an ordinary umask starts a program. */
const ORDINARY = ["sh", "-c", 'umask 022; exec "$@"', "sh"];
/** A store of its own in any case: this is about files. */
const SQLITE = { MONGODB_URI: "" };

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Everything in a folder and below, itself included, by path from there. */
function modesIn(folder: string): Record<string, string> {
  const paths = ["", ...globSync("**", { cwd: folder })].filter((path) => path !== ".");
  return Object.fromEntries(paths.map((path) => [path, modeOf(join(folder, path)).toString(8)]));
}

function assertOwnersAlone(folder: string, parts: readonly string[]): void {
  const modes = modesIn(folder);
  for (const [path, mode] of Object.entries(modes)) {
    assert.match(mode, statSync(join(folder, path)).isDirectory() ? /^700$/ : /^600$/, path);
  }
  for (const part of parts)
    assert.ok(
      Object.keys(modes).some((path) => path.endsWith(part)),
      part,
    );
}

describe("what is kept, readable by its owner alone", function () {
  this.timeout(60_000);
  let server: ServerProcess | undefined;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "owner-only-"));
  });
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
    rmSync(folder, { recursive: true });
  });
  const backUp = async (running: ServerProcess) => {
    const operator = await Person.of(running, "op", { roles: ["operator"] });
    assert.equal((await operator.ask("POST", "/api/admin/backups")).status, 201);
  };

  it("[O24] data, write-ahead log, mark, secret and backup of a new folder", async () => {
    server = await ServerProcess.start({ through: ORDINARY, devLogin: true, env: SQLITE });
    await Evening.prepare(server);
    await backUp(server);
    assertOwnersAlone(server.dataFolder, [".sqlite", "-wal", "-open", "development-secret", "backups", "Z.sqlite"]);
    await server.stop();
    assertOwnersAlone(server.dataFolder, [".sqlite"]);
  });

  it("[O24] those of a folder that was open to others before", async () => {
    const env = { ...SQLITE, DATA_DIR: join(folder, "data") };
    server = await ServerProcess.start({ through: ORDINARY, devLogin: true, env });
    const evening = await Evening.prepare(server);
    await backUp(server);
    await server.kill();
    const open = () => {
      for (const path of Object.keys(modesIn(env.DATA_DIR))) {
        const whole = join(env.DATA_DIR, path);
        chmodSync(whole, statSync(whole).isDirectory() ? 0o777 : 0o664);
      }
    };
    open();
    await server.start();
    assertOwnersAlone(env.DATA_DIR, ["-wal", "-open", "development-secret", "Z.sqlite"]);
    assert.equal((await evening.gm.ask("GET", evening.path)).status, 200);
    await server.stop();
    // Something else lives there too: the folder stays as open as it was, what is ours does not.
    open();
    writeFileSync(join(env.DATA_DIR, "of-somebody-else"), "");
    chmodSync(join(env.DATA_DIR, "of-somebody-else"), 0o644);
    await server.start();
    const modes = modesIn(env.DATA_DIR);
    assert.deepEqual([modes[""], modes["of-somebody-else"]], ["777", "644"]);
    for (const name of ["campaign-live-sessions.sqlite", "campaign-live-sessions.sqlite-wal", "development-secret"]) {
      assert.equal(modes[name], "600", name);
    }
    assert.equal(modes["backups"], "700");
  });

  it("[O24] what commands make: exports, an imported store, a secret", async () => {
    server = await ServerProcess.start({ env: { ...SQLITE, DATA_DIR: join(folder, "from") } });
    const { campaignId } = await Evening.prepare(server);
    await server.stop();
    const out = join(folder, "out");
    mkdirSync(out, { mode: 0o700 });
    const place = (name: string) => ({
      cwd: out,
      env: { DATA_DIR: join(folder, name), AUTH_JWT_SECRET: "x".repeat(32) },
    });
    const old = process.umask(0o022);
    try {
      assert.equal((await runTool("export", [campaignId], place("from"))).code, 0);
      assert.equal((await runTool("import", [`${campaignId}.campaign.jsonl`], place("to"))).code, 0);
      const secret = { cwd: out, env: { DATA_DIR: join(folder, "secret") } };
      assert.equal((await runTool("token", ["--user", "kim"], secret)).code, 0);
    } finally {
      process.umask(old);
    }
    assertOwnersAlone(out, [".campaign.jsonl"]);
    assertOwnersAlone(join(folder, "to"), [".sqlite"]);
    assertOwnersAlone(join(folder, "secret"), ["development-secret"]);
  });

  it("[O25] compiled code is kept beside the program, where nobody else can have put it, and not in a temporary folder", async () => {
    server = await ServerProcess.start({ through: ORDINARY, env: { TMPDIR: folder } });
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(modeOf(CACHE), 0o700);
    assert.ok(readdirSync(CACHE).length > 0);
  });

  it("[O25] a folder that others may write, or that is another's, is not taken for it", () => {
    const path = join(folder, "deep", "cache");
    assert.equal(ownersFolder(path), path);
    assert.equal(ownersFolder(path), path);
    for (const mode of [0o777, 0o770, 0o720, 0o702, 0o755]) {
      chmodSync(path, mode);
      assert.equal(ownersFolder(path), undefined, mode.toString(8));
    }
    chmodSync(path, 0o700);
    symlinkSync(path, join(folder, "link"));
    assert.equal(ownersFolder(join(folder, "link")), undefined);
    writeFileSync(join(folder, "file"), "");
    for (const none of [join(folder, "file"), join(folder, "file", "x"), "/proc/x"]) {
      assert.equal(ownersFolder(none), undefined, none);
    }
    const foreign = ["/etc", "/usr", "/tmp"].filter(
      (one) => existsSync(one) && statSync(one).uid !== process.geteuid?.(),
    );
    for (const one of foreign) assert.equal(ownersFolder(one), undefined, one);
    assert.equal(ownersFolder("/tmp"), undefined);
  });
});
