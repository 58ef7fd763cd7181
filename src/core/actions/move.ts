import type { Draft } from "../draft.ts";
import { type Leaf, tooDeep } from "../leaves.ts";
import { depthOf, isBelow, MAX_SEGMENTS, parsePath } from "../paths.ts";
import { isRefusal, type OrRefusal, refusal } from "../refusal.ts";
import { type Action, IN_PLAY, type Outcome } from "./action.ts";
import { badPayload, hasFields } from "./payload.ts";

/** Moves an entry or a subtree, and replaces what is at its new place: how a GM reveals `gm/…`. */
export const move: Action = {
  name: "move",
  statuses: IN_PLAY,
  read(payload) {
    if (!hasFields(payload, ["from", "to"])) return badPayload(SHAPE);
    const { from, to } = payload;
    if (typeof from !== "string" || typeof to !== "string") return badPayload(SHAPE);
    return () => {
      const wrong = [from, to].map(parsePath).find(isRefusal);
      return wrong ?? { writes: [from, to], run: (draft) => run(draft, from, to) };
    };
  },
};

const SHAPE = "{from: text, to: text}";

function run(draft: Draft, from: string, to: string): OrRefusal<Outcome> {
  if (from === to || isBelow(to, from)) return refusal("path_conflict", "Nothing can be moved to or into itself.");
  if (draft.extent(from).entries === 0) return refusal("not_found", `There is nothing at ${from}.`);
  const leaves = (): OrRefusal<readonly Leaf[]> => {
    const moved = leavesAt(draft, from, to);
    return moved.some(({ path }) => depthOf(path) > MAX_SEGMENTS) ? tooDeep() : moved;
  };
  return draft.move(from, to, leaves) ?? {};
}

/** What stands at `from`, under the paths that it will have at `to`. */
function leavesAt(draft: Draft, from: string, to: string): Leaf[] {
  const text = draft.text(from);
  if (text !== undefined) return [{ path: to, text }];
  return draft.below(from).map(([path, entry]) => ({ path: to + path.slice(from.length), text: entry.value }));
}
