import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandCount } from "../../bench/mongo-commands.ts";

const OP_MSG = 2013;

/** A message of MongoDB's wire protocol with one document, whose first element has that name. */
function message(name: string, more: number, opcode = OP_MSG): Buffer {
  const head = Buffer.alloc(26);
  head.writeInt32LE(opcode, 12);
  head[25] = 2;
  const whole = Buffer.concat([head, Buffer.from(`${name}\0`), Buffer.alloc(more, 7)]);
  whole.writeInt32LE(whole.length, 0);
  whole.writeInt32LE(whole.length - 21, 21);
  return whole;
}

const Command = fc.record({
  name: fc.constantFrom("find", "insert", "findAndModify", "hello"),
  more: fc.oneof(fc.nat(20), fc.nat(5_000)),
});

describe("the count of commands to MongoDB", () => {
  it("[MP99] knows each by its name, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(Command, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }),
        (commands, cuts) => {
          const bytes = Buffer.concat(commands.map(({ name, more }) => message(name, more)));
          const counted: string[] = [];
          const count = new CommandCount((name) => counted.push(name));
          for (let at = 0, n = 0; at < bytes.length; n++) {
            const cut = cuts[n % cuts.length]!;
            count.take(bytes.subarray(at, at + cut));
            at += cut;
          }
          assert.deepEqual(
            counted,
            commands.map(({ name }) => name),
          );
        },
      ),
    );
  });

  it("[MP99] takes nothing else for a command", () => {
    const counted: string[] = [];
    new CommandCount((name) => counted.push(name)).take(
      Buffer.concat([message("isMaster", 30, 2004), message("find", 0)]),
    );
    assert.deepEqual(counted, ["find"]);
  });
});
