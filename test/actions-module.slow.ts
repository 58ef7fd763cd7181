import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadActionsModule, loadActions } from "../src/actions-module.ts";
import { assertRefused } from "./support/refused-start.ts";
import { ServerProcess } from "./support/server.ts";

/** A module's text, and what is said of it. */
const BROKEN: Readonly<Record<string, readonly [text: string, why: RegExp]>> = {
  "syntax.mjs": ["export const actions = [;", /SyntaxError: Unexpected token ';'/],
  "syntax.ts": [
    "const a: number = ;\nexport const actions = [];",
    /SyntaxError: Expression expected \(.*syntax\.ts:1\)/,
  ],
  "enum.ts": ["enum X { A }\nexport const actions = [];", /SyntaxError: TypeScript enum is not supported/],
  "syntax.cjs": ["module.exports = { actions: [ };", /SyntaxError: .*\(.*syntax\.cjs:1\)/],
  "throws.mjs": ['throw new TypeError("first\\nsecond");', /TypeError: first$/],
  "text.mjs": ['throw "first\\nsecond";', /it threw first$/],
  "nothing.mjs": ["throw undefined;", /it threw undefined$/],
  "proxy.mjs": ["throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });", /it threw \w+/],
  "rejects.mjs": ['await Promise.reject(new RangeError("late"));', /RangeError: late$/],
  "never.mjs": ["await new Promise(() => {});\nexport const actions = [];", /it has not loaded within 0\.3 s$/],
  "number.mjs": ["export const actions = 1;", /it exports no array `actions`$/],
  "empty.mjs": ["", /it exports no array `actions`$/],
  "dependency.mjs": ['import "nothing-such";\nexport const actions = [];', /Cannot find package 'nothing-such'/],
  "definition.mjs": ['export const actions = [{ name: "set" }];', /actions\[0\]: /],
  "getter.mjs": ['export const actions = [{ get name() { throw new Error("in a getter"); } }];', /Error: in a getter$/],
};

describe("ACTIONS_MODULE", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "actions-"));
    for (const [name, [text]] of Object.entries(BROKEN)) writeFileSync(join(folder, name), `${text}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, [, why]] of Object.entries(BROKEN)) {
    it(`[O22] ${name}: variable, file and reason, in a line`, async () => {
      const path = join(folder, name);
      await assert.rejects(loadActions(path, 300), (error: Error) => {
        assert.ok(error instanceof BadActionsModule);
        assert.ok(error.message.startsWith(`ACTIONS_MODULE: ${path} cannot be used: `), error.message);
        assert.match(error.message, why);
        assert.equal(error.message.split("\n").length, 1);
        return true;
      });
    });
  }

  it("[O22] one that is not there, as a path or as a package", async () => {
    for (const name of [join(folder, "none.mjs"), "./none.mjs", "none.mjs", "no-such-package", "@no/such"]) {
      await assert.rejects(
        loadActions(name),
        /^BadActionsModule: ACTIONS_MODULE: \/.* cannot be used: there is no such file$/,
      );
    }
    await assert.rejects(loadActions(folder), /cannot be used: Error: Directory import/);
    await assert.rejects(loadActions("express"), /express.*it exports no array `actions`/);
  });

  it("[O22] of a server: one line, exit 1, no stack, and no waiting for ever", async function () {
    this.timeout(60_000);
    for (const name of ["syntax.mjs", "throws.mjs", "never.mjs"]) {
      const start = await ServerProcess.refusedStart({ env: { ACTIONS_MODULE: join(folder, name) } });
      assertRefused(start, new RegExp(`^ACTIONS_MODULE: ${join(folder, name)} cannot be used: `));
    }
  });
});
