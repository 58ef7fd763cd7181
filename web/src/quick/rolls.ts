import type { Json } from "../../../clients/js/src/index.ts";

/** A roll as the example's dice keep it: `examples/actions`. */
export interface Roll {
  readonly n: number;
  readonly by: string;
  readonly dice: string;
  readonly rolled: readonly number[];
  readonly total: number;
  readonly at: number;
}

/** Where the server puts the rolls, the newest last. */
export const ROLLS_PATH = "table/rolls";

/** Rolls in a value that need not hold any: GMs may write anything there. */
export function rollsIn(value: Json | undefined): readonly Roll[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isRoll) : [];
}

function isRoll(value: unknown): value is Roll & Json {
  const { n, by, dice, rolled, total, at } = (value ?? {}) as Partial<Roll>;
  return (
    typeof n === "number" &&
    typeof by === "string" &&
    typeof dice === "string" &&
    Array.isArray(rolled) &&
    rolled.every((pips) => typeof pips === "number") &&
    typeof total === "number" &&
    typeof at === "number"
  );
}
