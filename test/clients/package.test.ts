import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** What a user's program has beside the README's lines. */
const AROUND = "declare const sessionId: string, token: string; declare function show(what: unknown): void;\n";

/** Types that are there and are what they say: one that could not be resolved would be `any`, which takes anything. */
const TYPED = `
import { clearLocalStorageOutboxes, connect, knock, memoryStorage, type Activity, type ConnectOptions, type Knock,
  type KnockAnswer, type OutboxStorage, type Participant, type SessionState, type Table, type TableEvents, type View } from "@campaign-live/client";
const options: ConnectOptions = { endpoint: "http://x", sessionId: "s", token: async (need) => need };
const table: Table = connect({ ...options, storage: memoryStorage() });
const state: SessionState = table.state;
const people: ReadonlyMap<string, Participant> = state.participants;
const waiting: Knock | undefined = state.knocks.get("pia");
const answered: Promise<KnockAnswer> = knock({ endpoint: "http://x", sessionId: "s", token: "t", message: "me" });
const view: View = table.view();
const doing: Activity = "rolling";
const own: OutboxStorage = { load: () => [], put: () => {}, remove: () => {} };
table.on("closed", ({ code }: TableEvents["closed"]) => code.toFixed());
// @ts-expect-error seq is a number
state.seq.toUpperCase();
// @ts-expect-error there is no such event
table.on("nothing", () => {});
// @ts-expect-error there is no such activity
table.activity("dancing");
// @ts-expect-error the answer has a seq, a number
table.set("shared/a", 1).then(({ seq }) => seq.toUpperCase());
clearLocalStorageOutboxes();
void [people, waiting, answered, view, doing, own];
`;

const SCRIPT = `
import { connect, localStorageOutbox } from "@campaign-live/client";
import { fileStorage } from "@campaign-live/client/file-storage";
const token = "e30." + btoa(JSON.stringify({ sub: "kim" })) + ".x";
for (const storage of [localStorageOutbox(), fileStorage("./outbox")]) {
  const table = connect({ endpoint: "http://127.0.0.1:9", sessionId: "s1", token, storage });
  table.on("trouble", ({ what }) => console.log(what));
  void table.set("shared/a", 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log(table.connection, table.view().get("shared/a"));
  table.close();
}
`;

describe("js client: the package as its users have it", function () {
  this.timeout(60_000);
  let project: string;

  before(async () => {
    project = mkdtempSync(join(tmpdir(), "client-user-"));
    const home = join(project, "node_modules/@campaign-live/client");
    mkdirSync(home, { recursive: true });
    symlinkSync(join(ROOT, "node_modules/@colyseus"), join(project, "node_modules/@colyseus"));
    cpSync(join(ROOT, "clients/js/package.json"), join(home, "package.json"));
    await run(process.execPath, [TSC, "-p", join(ROOT, "clients/js/tsconfig.json"), "--outDir", join(home, "dist")]);
    writeFileSync(join(project, "package.json"), '{"type":"module","private":true}');
  });

  after(() => rmSync(project, { recursive: true, force: true }));

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const)
    it(`[B27] the README's lines compile against what is built, and its types are there: ${resolution}`, async () => {
      const readme = readFileSync(join(ROOT, "clients/js/README.md"), "utf8");
      const blocks = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, block]) => AROUND + block);
      assert.equal(blocks.length, 3);
      const files = [...blocks, TYPED].map((text, i) => {
        writeFileSync(join(project, `use${i}.ts`), text);
        return `use${i}.ts`;
      });
      const flags = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--target",
        "es2024",
        "--lib",
        "es2024,dom",
        "--types",
        "",
      ];
      const how = [...flags, "--module", module, "--moduleResolution", resolution];
      await run(process.execPath, [TSC, ...how, ...files], { cwd: project }).catch((error: { stdout: string }) =>
        assert.fail(error.stdout),
      );
    });

  it("[B27] bundles for a browser without anything of Node's", async () => {
    const contents = 'export * from "@campaign-live/client";';
    const bundle = await build({
      stdin: { contents, resolveDir: project },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      logLevel: "silent",
    });
    const text = bundle.outputFiles[0]!.text;
    assert.deepEqual(bundle.warnings, []);
    assert.doesNotMatch(text, /from "(node:|fs|net|http|ws")/);
  });

  it("[B27] runs in Node as it is, without a browser's storage, and lets the process end", async () => {
    writeFileSync(join(project, "use.js"), SCRIPT);
    const { stdout, stderr } = await run(process.execPath, ["use.js"], { cwd: project, timeout: 20_000 });
    assert.equal(stderr, "");
    assert.deepEqual(stdout.trim().split("\n"), [
      "the browser keeps nothing for this page: commands wait in memory, and a reload loses them",
      "joining 1",
      "joining 1",
    ]);
  });
});
