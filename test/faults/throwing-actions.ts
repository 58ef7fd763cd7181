// An actions module whose every action goes wrong in a way of its own.
import type { ActionContext, ActionDefinition, StandardSchema } from "../../src/core/actions/definition.ts";

const anything: StandardSchema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };

function schema(validate: StandardSchema["~standard"]["validate"]): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

function action(name: string, run: ActionDefinition["run"], payload = anything): ActionDefinition {
  return { name, payload, roles: ["gm", "player"], run };
}

class HostileError extends Error {
  override get name(): string {
    throw this;
  }
  override get stack(): string {
    throw this;
  }
}

const everyTrapThrows = new Proxy(
  {},
  {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
    ownKeys: () => {
      throw new Error("ownKeys");
    },
    has: () => {
      throw new Error("has");
    },
  },
);

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

/** Writes all the way down the stack. */
function writeDown(context: ActionContext, level: number): number {
  context.set(`shared/deep/a${level % 7}`, level);
  return writeDown(context, level + 1) + 1;
}

/** Calls `then` so many frames before the stack ends; the fewer, the earlier in `then` it does. */
function atTheEndOfTheStack(framesLeft: number, then: () => void): void {
  let deepest = 0;
  const down = (frame: number, last: number): number => {
    deepest = frame;
    if (frame === last) then();
    return frame === last ? 0 : down(frame + 1, last) + 1;
  };
  try {
    down(0, Number.POSITIVE_INFINITY);
  } catch {
    // that is how deep it is
  }
  down(0, deepest - framesLeft);
}

function writeAtTheEnd(context: ActionContext, framesLeft: unknown): void {
  atTheEndOfTheStack(Number(framesLeft), () => {
    if (Number(framesLeft) % 2 === 0) context.set("shared/deep/a2/b2/c2", 2);
    else context.delete("shared/deep");
  });
}

/** Answered `internal`, each. */
export const faulty: readonly ActionDefinition[] = [
  action("throws", () => {
    throw new Error("secret of the module");
  }),
  ...[null, undefined, 0, "text", Symbol("s"), 5n, [], () => 1, everyTrapThrows].map((what, i) =>
    action(`throws no error ${i}`, () => {
      throw what;
    }),
  ),
  action("throws an error that throws", () => {
    throw new HostileError();
  }),
  action("throws a look-alike of a refusal", () => {
    throw { code: "forbidden", message: "no", retryable: false, refusal: { code: "forbidden" } };
  }),
  action("is a promise", async () => 1),
  action("is a promise that fails", async () => {
    throw new Error("late");
  }),
  action("is a thenable that throws", () => ({
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    get then() {
      throw new Error("then");
    },
  })),
  action("never ends its recursion", (context) => writeDown(context, 0)),
  action("returns a cycle", () => cyclic),
  action("returns what is too deep", () => deep(50_000)),
  action("returns a date", () => new Date(0)),
  action("returns NaN", () => Number.NaN),
  action("returns a bigint", () => 1n),
  action("returns a proxy", () => everyTrapThrows),
  action("returns what throws", () => ({
    get a() {
      throw new Error("getter");
    },
  })),
  action("returns a toJSON", () => ({ toJSON: () => "x" })),
  action("writes a cycle", (context) => context.set("shared/w", cyclic)),
  action("writes what is too deep", (context) => context.set("shared/w", deep(50_000))),
  action("writes a proxy", (context) => context.set("shared/w", everyTrapThrows)),
  action("writes, and throws", (context) => {
    context.set("shared/written", 1);
    context.delete("shared/kept");
    throw new Error("after writing");
  }),
  action("refuses with no code", (context) => context.refuse("nonsense" as never, "x")),
  action(
    "schema throws",
    () => 1,
    schema(() => {
      throw new Error("schema");
    }),
  ),
  action(
    "schema is a promise",
    () => 1,
    schema(async (value) => ({ value })),
  ),
  action(
    "schema is a promise that fails",
    () => 1,
    schema(async () => {
      throw new Error("schema");
    }),
  ),
  action(
    "schema answers nothing",
    () => 1,
    schema(() => undefined as never),
  ),
  action(
    "schema has issues that throw",
    () => 1,
    schema(() => ({
      issues: [
        {
          get message(): string {
            throw new Error("issue");
          },
        },
      ],
    })),
  ),
];

/** Go wrong after their end, or catch what no code should survive. They answer, and may change nothing but what they say. */
export const sly: readonly ActionDefinition[] = [
  action("throws later", () => {
    setTimeout(() => {
      throw new Error("later");
    }, 1);
    void Promise.reject(new Error("nobody's"));
    process.nextTick(() => {
      throw new Error("next tick");
    });
  }),
  action("writes later", (context) => {
    setTimeout(() => context.set("shared/late", 1), 1);
  }),
  action("catches its own stack overflow", (context, framesLeft) => {
    try {
      writeAtTheEnd(context, framesLeft);
    } catch {
      // and goes on as if nothing had been
    }
  }),
  action("overflows, and throws", (context, framesLeft) => {
    writeAtTheEnd(context, framesLeft);
    throw new Error("told");
  }),
];

/** Refused with `limit_exceeded`, each. */
export const immoderate: readonly ActionDefinition[] = [
  action("returns too much", () => "x".repeat(2_000)),
  action("writes too long a value", (context) => context.set("shared/long", "x".repeat(20_000))),
  action("writes too many entries", (context) => {
    for (let i = 0; i < 10_001; i++) context.set(`shared/many/e${i}`, i);
  }),
  action("writes too much", (context) => {
    for (let i = 0; i < 300; i++) context.set(`shared/much/e${i}`, "x".repeat(16_000));
  }),
];

export const actions = [...faulty, ...sly, ...immoderate];
