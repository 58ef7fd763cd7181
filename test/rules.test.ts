import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** How the spec begins a rule, and how the name of a test says which it proves: `[L16] …`, `[Y3] [Y7] …`. */
const RULE = /^- \*\*([A-Z]+\d+)\*\* /gm;
const NAMED = /\[([A-Z]+\d+)\] /g;

const rules = Array.from(readFileSync(`${ROOT}/docs/spec.md`, "utf8").matchAll(RULE), ([, rule]) => rule!);
const named = new Set(
  globSync("test/**/*.ts", { cwd: ROOT }).flatMap((path) =>
    Array.from(readFileSync(`${ROOT}/${path}`, "utf8").matchAll(NAMED), ([, rule]) => rule!),
  ),
);

describe("the rules", () => {
  it("[G8] have a number of their own each", () => {
    assert.ok(rules.length > 100, "the spec is read as it is");
    assert.deepEqual(
      rules.filter((rule, i) => rules.indexOf(rule) !== i),
      [],
    );
  });

  it("[G8] are named by tests, and tests name no other", () => {
    assert.deepEqual(
      rules.filter((rule) => !named.has(rule)),
      [],
    );
    assert.deepEqual(
      [...named].filter((rule) => !rules.includes(rule)),
      [],
    );
  });
});
