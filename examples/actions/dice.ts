import { z } from "zod";
import { type ActionContext, type ActionDefinition, defineAction } from "../../src/core/actions/definition.ts";

/** Where everybody sees the rolls: an array, the newest last. */
const ROLLS = "table/rolls";
/** Older rolls go. With this many of the largest rolls the entry stays well under its 16 KiB. */
const ROLLS_KEPT = 20;
const MAX_DICE = 20;
const MAX_SIDES = 1_000;

/** What is rolled: so many dice with so many sides, and a number on top. */
interface Dice {
  readonly count: number;
  readonly sides: number;
  readonly bonus: number;
}

const NOTATION = /^(\d{0,2})d(\d{1,4})(?:([+-])(\d{1,4}))?$/i;

/** `d20`, `2d6`, `3d8-1`; spaces do not count. */
const Dice = z
  .string()
  .max(32)
  .transform((text, issues): Dice => {
    const [, count = "", sides = "", sign = "+", bonus = "0"] = NOTATION.exec(text.replaceAll(" ", "")) ?? [];
    const dice = { count: Number(count || 1), sides: Number(sides), bonus: Number(`${sign}${bonus}`) };
    if (dice.count >= 1 && dice.count <= MAX_DICE && dice.sides >= 2 && dice.sides <= MAX_SIDES) return dice;
    issues.addIssue({
      code: "custom",
      message: `should be dice as 2d6+1: 1 to ${MAX_DICE} of them, with 2 to ${MAX_SIDES} sides`,
    });
    return z.NEVER;
  });

const Roll = z.object({
  /** counts from 1, so that a table knows which roll it has shown already */
  n: z.number(),
  by: z.string(),
  dice: z.string(),
  rolled: z.array(z.number()),
  total: z.number(),
  /** ms since 1970 */
  at: z.number(),
});
type Roll = z.infer<typeof Roll>;

/** Rolls dice on the server, for all to see: nobody can choose their luck, and nobody can roll twice unseen. */
const roll = defineAction({
  name: "roll",
  payload: z.strictObject({ dice: Dice }),
  roles: ["gm", "player"],
  run(ctx, { dice }) {
    const before = rollsSoFar(ctx);
    const rolled = Array.from({ length: dice.count }, () => 1 + Math.floor(ctx.random() * dice.sides));
    const one: Roll = {
      n: (before.at(-1)?.n ?? 0) + 1,
      by: ctx.actor.userId,
      dice: written(dice),
      rolled,
      total: rolled.reduce((sum, pips) => sum + pips, dice.bonus),
      at: ctx.now,
    };
    ctx.set(ROLLS, [...before, one].slice(-ROLLS_KEPT));
    return { n: one.n, dice: one.dice, rolled, total: one.total };
  },
});

/** The GM may write `table/` too, so what stands there need not be ours: that is not ours to overwrite either. */
function rollsSoFar(ctx: ActionContext): Roll[] {
  const stored = ctx.get(ROLLS);
  if (stored === undefined) return [];
  const rolls = z.array(Roll).safeParse(stored);
  return rolls.success ? rolls.data : ctx.refuse("path_conflict", `${ROLLS} holds something else than rolls.`);
}

function written({ count, sides, bonus }: Dice): string {
  const sign = bonus < 0 ? "-" : "+";
  return `${count}d${sides}${bonus === 0 ? "" : `${sign}${Math.abs(bonus)}`}`;
}

export const actions: ActionDefinition[] = [roll];
