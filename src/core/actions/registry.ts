import type { Action } from "./action.ts";
import { append } from "./append.ts";
import { BATCH } from "./batch.ts";
import { type ActionDefinition, BadActionDefinition, checkDefinition } from "./definition.ts";
import { remove } from "./delete.ts";
import { increment } from "./increment.ts";
import { merge } from "./merge.ts";
import { fromDefinition } from "./module.ts";
import { move } from "./move.ts";
import { set } from "./set.ts";

/** Every action by its name, except `batch`, which is made of them. */
export type ActionRegistry = ReadonlyMap<string, Action>;

const BUILT_IN: readonly Action[] = [set, merge, remove, increment, append, move];

/**
 * The built-in actions and those of an actions module.
 * @param definitions what the module exports as `actions`; checked here, for no compiler has seen it
 * @throws BadActionDefinition where one is not what contract section 9 says, or has the name of another
 */
export function actionRegistry(definitions: readonly ActionDefinition[] = []): ActionRegistry {
  const actions = new Map(BUILT_IN.map((action) => [action.name, action]));
  for (const [index, definition] of definitions.entries()) {
    checkDefinition(definition, index);
    const { name } = definition;
    if (actions.has(name) || name === BATCH) {
      throw new BadActionDefinition(`actions[${index}]: there is an action "${name}" already`);
    }
    actions.set(name, fromDefinition(definition));
  }
  return actions;
}
