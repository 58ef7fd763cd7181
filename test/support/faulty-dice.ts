import { z } from "zod";
import { actions as dice } from "../../examples/actions/dice.ts";
import { type ActionDefinition, defineAction } from "../../src/core/actions/definition.ts";

/** The dice example beside actions that go wrong in every way there is, each after it wrote something. */
const faults: ActionDefinition[] = [
  defineAction({
    name: "throw",
    payload: z.strictObject({ said: z.string() }),
    roles: ["gm", "player"],
    run(ctx, { said }) {
      ctx.set("table/half", said);
      throw new Error(said);
    },
  }),
  {
    name: "reject",
    payload: z.unknown(),
    roles: ["gm", "player"],
    async run(ctx) {
      ctx.set("table/half", 1);
      throw new Error("later");
    },
  },
  {
    name: "write-late",
    payload: z.unknown(),
    roles: ["gm", "player"],
    run(ctx) {
      setTimeout(() => ctx.set("table/late", 1), 0);
      return null;
    },
  },
];

export const actions: ActionDefinition[] = [...dice, ...faults];
