import type { Draft } from "../draft.ts";
import { isObject } from "../json.ts";
import { type Part, takeApart } from "../leaves.ts";
import { isRefusal, type Refusal, refusal } from "../refusal.ts";
import { type Action, IN_PLAY } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** RFC 7396 merge patch on the subtree at a path. Unlike there, an object never replaces a scalar or an array. */
export const merge: Action = {
  name: "merge",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["path", "value"]) || typeof payload.path !== "string" || !isObject(payload.value)) {
      return badPayload("{path: text, value: object}");
    }
    const { path, value } = payload;
    return () => {
      const parts = takeApart(path, value);
      if (isRefusal(parts)) return parts;
      return {
        writes: [path],
        run(draft) {
          const blocked = draft.conflictAbove(path);
          if (blocked !== undefined) return blocked;
          for (const part of parts) {
            const refused = mergePart(draft, part);
            if (refused !== undefined) return refused;
          }
          return {};
        },
      };
    };
  },
};

/** Objects come before what they hold, so that the conflict with a scalar is found where the object is. */
function mergePart(draft: Draft, { path, text }: Part): Refusal | undefined {
  if (text === "null") return draft.replace(path, []);
  if (text !== undefined) return draft.replace(path, [{ path, text }]);
  return draft.text(path) === undefined
    ? undefined
    : refusal("path_conflict", `${path} holds a scalar or an array: an object cannot be merged into it.`);
}
