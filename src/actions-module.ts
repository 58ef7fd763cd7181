import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BadActionDefinition } from "./core/actions/definition.ts";
import { type ActionRegistry, actionRegistry } from "./core/actions/registry.ts";

/**
 * The built-in actions and those of `ACTIONS_MODULE`.
 * @param name a package, or a path, absolute or from the working directory; null: none
 * @throws BadActionDefinition, or an error that says that the module cannot be loaded; either is a start error
 */
export async function loadActions(name: string | null): Promise<ActionRegistry> {
  if (name === null) return actionRegistry();
  const { actions } = await importModule(name);
  if (!Array.isArray(actions)) throw new BadActionDefinition("the module exports no array `actions`");
  return actionRegistry(actions);
}

async function importModule(name: string): Promise<{ readonly actions?: unknown }> {
  const isPath = name.startsWith(".") || name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name);
  if (isPath) return await import(pathToFileURL(resolve(name)).href);
  try {
    return await import(name);
  } catch (error) {
    // `actions/dice.ts` may be a path just as well as a package's file.
    if ((error as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return await import(pathToFileURL(resolve(name)).href);
  }
}
