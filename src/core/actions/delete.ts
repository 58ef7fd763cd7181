import { parsePath } from "../paths.ts";
import { isRefusal } from "../refusal.ts";
import { type Action, IN_PLAY } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** Removes what stands at a path, entry or subtree. Of nothing: accepted. */
export const remove: Action = {
  name: "delete",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["path"]) || typeof payload.path !== "string") return badPayload("{path: text}");
    const { path } = payload;
    return () => {
      const parsed = parsePath(path);
      if (isRefusal(parsed)) return parsed;
      return { writes: [path], run: (draft) => draft.replace(path, []) ?? {} };
    };
  },
};
