import { parsePath } from "../paths.ts";
import { isRefusal, refusal } from "../refusal.ts";
import { type Action, IN_PLAY } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** Adds values at the end of an array, which is created if missing; with `max` the newest that many stay. The result is the new length. */
export const append: Action = {
  name: "append",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["path", "values"], ["max"]) || typeof payload.path !== "string") return badPayload(SHAPE);
    const { path, values } = payload;
    // Null counts as absent, as in every optional field.
    const max = payload.max ?? undefined;
    if (!Array.isArray(values)) return badPayload(SHAPE);
    if (max !== undefined && !(Number.isInteger(max) && (max as number) >= 1)) return badPayload(SHAPE);
    const newest = (max as number | undefined) ?? Number.POSITIVE_INFINITY;
    return () => {
      const parsed = parsePath(path);
      if (isRefusal(parsed)) return parsed;
      return {
        writes: [path],
        run(draft) {
          const text = draft.single(path);
          if (isRefusal(text)) return text;
          const current: unknown = text === undefined ? [] : JSON.parse(text);
          if (!Array.isArray(current)) return refusal("not_an_array", `${path} does not hold an array.`);
          const all = current.concat(values);
          const kept = all.slice(Math.max(0, all.length - newest));
          return draft.replace(path, [{ path, text: JSON.stringify(kept) }]) ?? { result: String(kept.length) };
        },
      };
    };
  },
};

const SHAPE = "{path: text, values: array, max?: whole number of 1 or more}";
