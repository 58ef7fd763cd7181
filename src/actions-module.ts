import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BadActionDefinition } from "./core/actions/definition.ts";
import { type ActionRegistry, actionRegistry } from "./core/actions/registry.ts";

/** A module may ask a database or a file before it is there, but not for ever. */
const LOADED_WITHIN_MS = 10_000;

/** The actions module cannot be used: the message names the variable and the file, and says why in a line. */
export class BadActionsModule extends Error {
  override readonly name = "BadActionsModule";
}

/**
 * The built-in actions and those of `ACTIONS_MODULE`.
 * @param name a package, or a path, absolute or from the working directory; null: none
 * @throws BadActionsModule, which is a start error
 */
export async function loadActions(name: string | null, withinMs = LOADED_WITHIN_MS): Promise<ActionRegistry> {
  if (name === null) return actionRegistry();
  const address = addressOf(name);
  const file = address.startsWith("file:") ? fileURLToPath(address) : address;
  try {
    const { actions } = await within(withinMs, import(address));
    if (!Array.isArray(actions)) throw new BadActionDefinition("it exports no array `actions`");
    return actionRegistry(actions);
  } catch (error) {
    const isThere = !address.startsWith("file:") || existsSync(file);
    const why = isThere ? reasonOf(error) : "there is no such file";
    throw new BadActionsModule(`ACTIONS_MODULE: ${file} cannot be used: ${why}`);
  }
}

/** `actions/dice.ts` may be a path just as well as a package's file. */
function addressOf(name: string): string {
  const isPath = name.startsWith(".") || name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name);
  if (!isPath) {
    try {
      return import.meta.resolve(name);
    } catch {
      // No such package.
    }
  }
  return pathToFileURL(resolve(name)).href;
}

function within<T>(ms: number, loading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // It keeps the process alive: a module that waits for nothing would end it without a word.
    const timer = setTimeout(() => reject(new BadActionsModule(`it has not loaded within ${ms / 1_000} s`)), ms);
    loading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** One line, with the place of a syntax error. What a module throws may be anything. */
function reasonOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `it threw ${String(error).split("\n")[0]}`;
    const line = error.message.trim().split("\n")[0]!;
    const at = /^(?:file:\/\/)?(\/?.*:\d+)$/m.exec(error.stack?.split("\n")[0] ?? "")?.[1];
    const isOurs = error instanceof BadActionDefinition || error instanceof BadActionsModule;
    const said = isOurs ? line : `${error.name}: ${line}`;
    return at === undefined ? said : `${said} (${at})`;
  } catch {
    return "it threw something that cannot be looked at";
  }
}
