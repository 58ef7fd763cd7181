import { parsePath } from "../paths.ts";
import { isRefusal, refusal } from "../refusal.ts";
import { type Action, IN_PLAY } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** Adds to a number; a missing one counts from 0. The result is the new value. */
export const increment: Action = {
  name: "increment",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["path", "by"]) || typeof payload.path !== "string" || typeof payload.by !== "number") {
      return badPayload("{path: text, by: number}");
    }
    const { path, by } = payload;
    return () => {
      const parsed = parsePath(path);
      if (isRefusal(parsed)) return parsed;
      return {
        writes: [path],
        run(draft) {
          const text = draft.single(path);
          if (isRefusal(text)) return text;
          const current: unknown = text === undefined ? 0 : JSON.parse(text);
          if (typeof current !== "number") return refusal("not_a_number", `${path} does not hold a number.`);
          const sum = current + by;
          if (!Number.isFinite(sum)) return refusal("limit_exceeded", `${path} would leave the finite numbers.`);
          const result = JSON.stringify(sum);
          return draft.replace(path, [{ path, text: result }]) ?? { result };
        },
      };
    };
  },
};
