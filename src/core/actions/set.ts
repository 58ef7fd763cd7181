import { leavesOf } from "../leaves.ts";
import { isRefusal } from "../refusal.ts";
import { type Action, IN_PLAY } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** Replaces what stands at a path, entry or subtree, by a value; an object is taken apart into its leaves. */
export const set: Action = {
  name: "set",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["path", "value"]) || typeof payload.path !== "string") {
      return badPayload("{path: text, value: any JSON}");
    }
    const { path, value } = payload;
    return () => {
      const leaves = leavesOf(path, value);
      if (isRefusal(leaves)) return leaves;
      return { writes: [path], run: (draft) => draft.replace(path, leaves) ?? {} };
    };
  },
};
