import assert from "node:assert/strict";
import { canRead, canWrite, hiddenOwner, isHidden, isPathSegment, parsePath } from "../../src/core/paths.ts";
import { isRefusal } from "../../src/core/refusal.ts";
import type { Role } from "../../src/core/session.ts";

const reader = (role: Role, userId = "kim") => ({ role, userId });

function refuses(path: unknown): void {
  const parsed = parsePath(path);
  assert.ok(isRefusal(parsed), `accepted ${JSON.stringify(path)}`);
  assert.equal(parsed.code, "invalid_path");
}

describe("paths", () => {
  it("[P1] takes every namespace with something below it, and answers the same text", () => {
    for (const path of ["shared/a", "players/kim", "private/kim", "private/kim/notes", "gm/x", "table/x/y"]) {
      assert.equal(parsePath(path), path);
    }
  });

  it("[P1] refuses a namespace alone, an unknown one, and what is no text", () => {
    for (const path of ["shared", "gm", "shared/", "/shared/a", "Shared/a", "other/a", "", "a", "__proto__/a"])
      refuses(path);
    for (const path of [undefined, null, 5, ["shared/a"], { path: "shared/a" }]) refuses(path);
  });

  it("[P1] takes eight segments and refuses nine", () => {
    assert.equal(parsePath("shared/2/3/4/5/6/7/8"), "shared/2/3/4/5/6/7/8");
    refuses("shared/2/3/4/5/6/7/8/9");
    refuses(`shared/${"a/".repeat(100_000)}`);
  });

  it("[P2] counts a segment's bytes in UTF-8: 128 are taken, 129 are not", () => {
    assert.ok(isPathSegment("a".repeat(128)));
    assert.ok(!isPathSegment("a".repeat(129)));
    assert.ok(isPathSegment("é".repeat(64)));
    assert.ok(!isPathSegment(`${"é".repeat(64)}a`));
    assert.ok(isPathSegment("🎲".repeat(32)));
    assert.ok(!isPathSegment(`${"🎲".repeat(32)}a`));
    const longest = ["shared", ...Array.from({ length: 7 }, () => "🎲".repeat(32))].join("/");
    assert.equal(parsePath(longest), longest);
  });

  it("[P2] takes NFC and refuses NFD", () => {
    assert.ok(isPathSegment("Zoë"));
    assert.ok(!isPathSegment("Zoe\u0308"));
    refuses("shared/Zoe\u0308");
  });

  it("[P2] refuses empty segments, dots, slashes, control characters and lone surrogates", () => {
    for (const bad of ["", ".", "..", "a\u0000", "\n", "\u007f", "\u0085", "\ud800", "x\udfff"]) {
      assert.ok(!isPathSegment(bad), JSON.stringify(bad));
      refuses(`shared/${bad}`);
    }
    for (const bad of ["a/b", 7, null, undefined, ["a"]]) assert.ok(!isPathSegment(bad), JSON.stringify(bad));
    for (const good of ["...", " ", ".a", "guest:x_-", "a b", "💡", "%2F", "\u2028"])
      assert.ok(isPathSegment(good), good);
  });

  it("[P3] takes the names of an object's own machinery", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.equal(parsePath(`shared/${name}`), `shared/${name}`);
      assert.ok(canRead(`private/${name}/x`, reader("player", name)));
      assert.ok(!canRead(`private/${name}/x`, reader("player")));
    }
  });

  it("[P4] shows shared, players and table to all, private to its person and GMs, gm to GMs", () => {
    for (const role of ["gm", "player", "spectator"] as const) {
      for (const path of ["shared/a", "players/lee/hp", "table/t"]) assert.ok(canRead(path, reader(role)), path);
      assert.ok(canRead("private/kim", reader(role)));
      assert.ok(canRead("private/kim/a", reader(role)));
      assert.equal(canRead("private/lee/a", reader(role)), role === "gm");
      assert.equal(canRead("private/kim2/a", reader(role)), role === "gm");
      assert.equal(canRead("gm/a", reader(role)), role === "gm");
      assert.ok(!canRead("other/a", reader(role)), "an unknown namespace");
    }
  });

  it("[P5] lets GMs write everywhere, players in shared and their own, spectators nowhere", () => {
    const paths = [
      "shared/a",
      "players/kim/a",
      "players/kim",
      "players/lee/a",
      "private/kim/a",
      "private/lee",
      "gm/a",
      "table/a",
    ];
    const may = (role: Role) => paths.filter((path) => canWrite(path, reader(role)));
    assert.deepEqual(may("gm"), paths);
    assert.deepEqual(may("player"), ["shared/a", "players/kim/a", "players/kim", "private/kim/a"]);
    assert.deepEqual(may("spectator"), []);
    assert.ok(!canWrite("other/a", reader("gm")));
  });

  it("[P6] knows what is hidden, and for whom", () => {
    for (const path of ["private/kim", "private/kim/a", "gm/a"]) assert.ok(isHidden(path), path);
    for (const path of ["shared/gm", "players/private/x", "table/a", "gmx/a"]) assert.ok(!isHidden(path), path);
    assert.equal(hiddenOwner("private/kim"), "kim");
    assert.equal(hiddenOwner("private/kim/a/b"), "kim");
    assert.equal(hiddenOwner("gm/kim"), null);
  });
});
