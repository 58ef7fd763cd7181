import assert from "node:assert/strict";
import { systemChance } from "../../src/ops/time.ts";

const DRAWS = 20_000;

describe("the system's randomness", () => {
  for (const [what, draw, length] of [
    ["an id", systemChance.id, 16],
    ["a token", systemChance.token, 32],
  ] as const) {
    it(`[T24] ${what} begins and ends with a letter or digit, and is as random as before in between`, () => {
      const drawn = Array.from({ length: DRAWS }, draw);
      for (const text of drawn) {
        assert.match(text, /^[A-Za-z0-9][\w-]*[A-Za-z0-9]$/);
        assert.equal(text.length, length);
      }
      assert.equal(new Set(drawn).size, DRAWS);
      const at = (position: number) => new Set(drawn.map((text) => text.at(position)));
      for (const end of [0, -1]) assert.equal(at(end).size, 62, "every letter and digit comes first and last");
      for (let position = 1; position < length - 1; position++) assert.equal(at(position).size, 64, `${position}`);
    });
  }
});
