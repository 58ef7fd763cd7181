import assert from "node:assert/strict";
import fc from "fast-check";
import { expectAfter, expectFor } from "../../web/src/entries/expecting.ts";
import { mayWrite, readersOf } from "../../web/src/entries/rights.ts";
import { kindOf, parseJson, shownValue, valueTyped } from "../../web/src/entries/values.ts";

describe("pages: changing an entry", () => {
  it("[PG23] what is typed is JSON where it is that, else the text itself", () => {
    assert.equal(valueTyped("12"), 12);
    assert.equal(valueTyped(" true "), true);
    assert.deepEqual(valueTyped('{"a":[1]}'), { a: [1] });
    assert.equal(valueTyped('"12"'), "12");
    assert.equal(valueTyped("The Sunken Keep"), "The Sunken Keep");
    assert.equal(valueTyped("{half"), "{half");
    assert.equal(valueTyped(""), "");
    assert.equal(valueTyped("  two spaces"), "  two spaces");
  });

  it("[PG23] JSON that is none is told in words, with its place", () => {
    assert.deepEqual(parseJson("[1]"), { value: [1] });
    const { wrong } = parseJson('{"a": 1,}') as { wrong: string };
    assert.match(wrong, /^This is no JSON: .*position/);
  });

  it("[PG23] a row shows a text as it is, unless it would then look like another value", () => {
    assert.equal(shownValue('"hello"'), "hello");
    assert.equal(shownValue('"12"'), '"12"');
    assert.equal(shownValue('"null"'), '"null"');
    assert.equal(shownValue("12"), "12");
    assert.equal(shownValue('["a"]'), '["a"]');
    assert.ok(shownValue(JSON.stringify("x".repeat(16_000))).length < 300);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (text.length < 200) assert.deepEqual(valueTyped(shownValue(text)), JSON.parse(text));
      }),
    );
  });

  it("[PG23] an editor fits what an entry is", () => {
    assert.deepEqual(
      [1, "a", true, [1], { a: 1 }, null, undefined].map((value) => kindOf(value)),
      ["number", "text", "flag", "list", "json", "json", "json"],
    );
  });

  it("[PG24] a change expects what stood there: an entry its version, nothing 0, a subtree each of its entries", () => {
    assert.deepEqual(expectFor("shared/a", 7, []), { "shared/a": 7 });
    assert.deepEqual(expectFor("shared/a", undefined, []), { "shared/a": 0 });
    const below = [
      ["shared/a/x", 3],
      ["shared/a/y", 5],
    ] as const;
    assert.deepEqual(expectFor("shared/a", undefined, below), { "shared/a/x": 3, "shared/a/y": 5 });
  });

  it("[PG24] who keeps theirs after a conflict expects what the conflict told, and what held before", () => {
    const told = (path: string, version: number) => ({ path, version, value: version === 0 ? null : "1" });
    assert.deepEqual(expectAfter({ "shared/a": 7 }, [told("shared/a", 9)]), { "shared/a": 9 });
    assert.deepEqual(expectAfter({ "shared/a": 7 }, [told("shared/a", 0)]), { "shared/a": 0 });
    assert.deepEqual(expectAfter({ "shared/a/x": 3, "shared/a/y": 5 }, [told("shared/a/y", 8)]), {
      "shared/a/x": 3,
      "shared/a/y": 8,
    });
    assert.deepEqual(expectAfter({ "shared/a": 0 }, [told("shared/a/x", 4)]), { "shared/a/x": 4 });
  });

  it("[PG25] what is offered to whom: writing and who reads, as the contract has it", () => {
    assert.ok(mayWrite("gm", "gwen", "gm/x"));
    assert.ok(mayWrite("player", "pia", "shared/x"));
    assert.ok(mayWrite("player", "pia", "players/pia/hp") && mayWrite("player", "pia", "private/pia/x"));
    for (const path of ["players/paul/hp", "private/paul/x", "gm/x", "table/x"])
      assert.ok(!mayWrite("player", "pia", path), path);
    assert.ok(!mayWrite("spectator", "sam", "private/sam/x"));
    assert.deepEqual(
      [readersOf("gm/x"), readersOf("shared/x"), readersOf("private/pia/x")],
      ["gms", "all", { owner: "pia" }],
    );
  });
});
