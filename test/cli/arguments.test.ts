import assert from "node:assert/strict";
import fc from "fast-check";
import { looksLikeId, parseArguments, WrongArguments } from "../../src/cli/arguments.ts";

const OPTIONS = { to: { type: "string" }, all: { type: "boolean", default: false } } as const;
const parse = (args: readonly string[]) =>
  parseArguments(args, { options: OPTIONS, usage: "usage: so", isOperand: looksLikeId });

describe("arguments of a command", () => {
  it("[T25] an id is one wherever it stands, whatever it begins with", () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{16}$/);
    fc.assert(
      fc.property(id, id, fc.boolean(), fc.boolean(), (campaign, file, first, joined) => {
        const option = joined ? [`--to=${file}`] : ["--to", file];
        const { values, operands } = parse(first ? [campaign, ...option, "--all"] : ["--all", ...option, campaign]);
        assert.deepEqual([operands, values.to, values.all], [[campaign], file, true]);
      }),
    );
    assert.deepEqual(parse(["-KMAzVb1eQQqY1rn"]).operands, ["-KMAzVb1eQQqY1rn"]);
    assert.deepEqual(parse(["--KMAzVb1eQQqY1r"]).operands, ["--KMAzVb1eQQqY1r"]);
    assert.deepEqual(parse(["--", "--to", "-x"]).operands, ["--to", "-x"]);
  });

  it("[T25] what is neither an option nor an id is told, with how the command is used", () => {
    for (const args of [["--al"], ["-a"], ["--to"], ["--to", "--all"], ["--all=yes"], ["--too", "x"], ["-"]]) {
      assert.throws(
        () => parse(args),
        (error: Error) => error instanceof WrongArguments && error.message.endsWith("\nusage: so"),
        args.join(" "),
      );
    }
  });
});
