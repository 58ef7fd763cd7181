import { isObject, type Json } from "../json.ts";
import type { RefusalCode } from "../refusal.ts";
import type { Role, Status } from "../session.ts";

/** Standard Schema v1 (standardschema.dev), as much of it as is used: what zod, valibot and ArkType schemas are. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * What an action of the actions module works with, while it runs and no longer. Paths that are none, a write under a
 * scalar or an array, a value over 16 KiB: each is thrown as the refusal that the sender gets.
 */
export interface ActionContext {
  readonly actor: { readonly userId: string; readonly name: string; readonly role: Role };
  readonly status: Status;
  /** ms since 1970 */
  readonly now: number;
  /** in [0, 1) */
  random(): number;
  /** The JSON value at a path, a subtree as an object, `undefined` where nothing is. A copy: to be changed at will. */
  get(path: string): unknown;
  /** As `set`, in any namespace. Properties that are `undefined` count as absent, as in `JSON.stringify`. */
  set(path: string, value: unknown): void;
  /** As `delete`, in any namespace. */
  delete(path: string): void;
  /** Ends the action with a refusal; the whole command is undone. */
  refuse(code: RefusalCode, message: string): never;
}

/** An action of the actions module, contract section 9. */
export interface ActionDefinition {
  readonly name: string;
  readonly payload: StandardSchema;
  readonly roles: readonly Role[];
  /** where people who are no GMs may use it; `["live"]` where it is left out */
  readonly statuses?: readonly Exclude<Status, "ended">[] | undefined;
  /** Synchronous. What it returns (JSON, at most 1 KiB, or nothing) is the sender's `result`. */
  run(context: ActionContext, payload: unknown): unknown;
}

/** Types `run`'s payload by the schema. At run time it is the definition itself. */
export function defineAction<Output>(
  definition: Omit<ActionDefinition, "payload" | "run"> & {
    readonly payload: StandardSchema<Output>;
    run(context: ActionContext, payload: Output): Json | undefined;
  },
): ActionDefinition {
  return definition as ActionDefinition;
}

/** A definition that cannot be taken in: a start error. */
export class BadActionDefinition extends Error {
  override readonly name = "BadActionDefinition";
}

const ROLES: ReadonlySet<unknown> = new Set<Role>(["gm", "player", "spectator"]);
const STATUSES: ReadonlySet<unknown> = new Set<Status>(["created", "live", "paused"]);
const MAX_NAME_CHARACTERS = 64;

/**
 * Checks what a module exports, which no compiler has seen.
 * @throws BadActionDefinition that says which definition, and what is wrong with it
 */
export function checkDefinition(value: unknown, index: number): asserts value is ActionDefinition {
  const bad = (what: string) => new BadActionDefinition(`actions[${index}]: ${what}`);
  if (!isObject(value)) throw bad("is no object");
  const { name, payload, roles, statuses, run } = value;
  if (typeof name !== "string" || name === "" || [...name].length > MAX_NAME_CHARACTERS || !name.isWellFormed()) {
    throw bad(`name should be a text of 1 to ${MAX_NAME_CHARACTERS} characters`);
  }
  if (!isStandardSchema(payload)) throw bad(`payload of "${name}" should be a Standard Schema`);
  if (!Array.isArray(roles) || !roles.every((role) => ROLES.has(role))) {
    throw bad(`roles of "${name}" should be an array of gm, player, spectator`);
  }
  if (statuses !== undefined && !(Array.isArray(statuses) && statuses.every((status) => STATUSES.has(status)))) {
    throw bad(`statuses of "${name}" should be an array of created, live, paused`);
  }
  if (typeof run !== "function") throw bad(`run of "${name}" should be a function`);
}

/** Schemas of some libraries are functions. */
function isStandardSchema(value: unknown): value is StandardSchema {
  if (!(isObject(value) || typeof value === "function")) return false;
  const standard: unknown = (value as Record<string, unknown>)["~standard"];
  return isObject(standard) && standard.version === 1 && typeof standard.validate === "function";
}
