import type { Draft } from "../draft.ts";
import { isJson, isObject, type Json } from "../json.ts";
import { leavesOf, putTogether } from "../leaves.ts";
import { MAX_RESULT_BYTES, utf8Bytes } from "../limits.ts";
import { parsePath } from "../paths.ts";
import { isRefusal, type OrRefusal, type Refusal, type RefusalCode, refusal } from "../refusal.ts";
import { type Action, IN_PLAY, type Outcome, type Turn } from "./action.ts";
import type { ActionContext, ActionDefinition, SchemaIssue } from "./definition.ts";

/**
 * An action of the actions module as one like the built-in ones. Its author's mistakes (a throw, a promise, a value
 * that is no JSON) become `internal`, and the turn is told the cause; a refusal stays the refusal that it is.
 */
export function fromDefinition(definition: ActionDefinition): Action {
  return {
    name: definition.name,
    statuses: definition.statuses === undefined ? IN_PLAY : new Set(definition.statuses),
    roles: new Set(definition.roles),
    // The payload is the schema's to judge, and that comes after right and expect.
    read: (payload) => () => ({ writes: [], run: (draft, turn) => run(definition, payload, draft, turn) }),
  };
}

function run(definition: ActionDefinition, payload: Json, draft: Draft, turn: Turn): OrRefusal<Outcome> {
  const { context, close } = openContext(draft, turn);
  try {
    const checked = definition.payload["~standard"].validate(payload);
    if (isThenable(checked)) throw ignoring(checked, "the payload schema is asynchronous");
    if (checked.issues !== undefined) return refusal("bad_request", describe(checked.issues));
    const result = definition.run(context, checked.value);
    if (isThenable(result)) throw ignoring(result, "run is asynchronous");
    return outcomeOf(result);
  } catch (cause) {
    if (Refused.is(cause)) return cause.refusal;
    turn.onFault?.(definition.name, cause);
    return refusal("internal", "The action failed.");
  } finally {
    close();
  }
}

function outcomeOf(result: unknown): OrRefusal<Outcome> {
  if (result === undefined) return {};
  const text = JSON.stringify(toJson(result, "the result"));
  if (utf8Bytes(text) <= MAX_RESULT_BYTES) return { result: text };
  return refusal("limit_exceeded", `A result has at most ${MAX_RESULT_BYTES} bytes of JSON text.`);
}

/** The context of one run. Closed after it, so that what a forgotten timer writes cannot reach the session. */
function openContext(draft: Draft, turn: Turn): { context: ActionContext; close(): void } {
  let open = true;
  const inTime = () => {
    if (!open) throw new Error("the action has ended: its context can no longer be used");
  };
  const { userId, name, role } = turn.actor;
  const context: ActionContext = {
    actor: Object.freeze({ userId, name, role }),
    status: turn.status,
    now: turn.now,
    random: () => turn.random(),
    get(path) {
      inTime();
      const at = orThrow(parsePath(path));
      const text = draft.text(at);
      if (text !== undefined) return JSON.parse(text);
      return draft.hasBelow(at) ? putTogether(at, draft.below(at)) : undefined;
    },
    set(path, value) {
      inTime();
      const at = orThrow(parsePath(path));
      orThrow(draft.replace(at, orThrow(leavesOf(at, toJson(value, "the value")))));
    },
    delete(path) {
      inTime();
      orThrow(draft.replace(orThrow(parsePath(path)), []));
    },
    refuse(code, message) {
      inTime();
      if (!Object.hasOwn(CODES, code)) throw new TypeError(`"${code}" is no code of a refusal`);
      throw new Refused(refusal(code, String(message)));
    },
  };
  return {
    context: Object.freeze(context),
    close() {
      open = false;
    },
  };
}

/** A refusal on its way out of a module's code. */
class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;
  readonly #ours = true;

  /** Not by `instanceof`, which asks what was thrown: a module may throw a proxy that throws in turn. */
  static is(thrown: unknown): thrown is Refused {
    return typeof thrown === "object" && thrown !== null && #ours in thrown;
  }

  constructor(why: Refusal) {
    super(`${why.code}: ${why.message}`);
    this.refusal = why;
  }
}

function orThrow<T>(value: OrRefusal<T>): T {
  if (isRefusal(value)) throw new Refused(value);
  return value;
}

/** What a module hands over, as JSON. @throws TypeError */
function toJson(value: unknown, what: string): Json {
  const json = withoutUndefined(value);
  if (!isJson(json)) throw new TypeError(`${what} is not JSON`);
  return json;
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isObject(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value; // a Date, a Map: no JSON
  const defined = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(defined.map(([key, inner]) => [key, withoutUndefined(inner)]));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

/** The fault of a promise where none may be. Its rejection is nobody's: unheard, it would end the process. */
function ignoring(promise: PromiseLike<unknown>, fault: string): TypeError {
  Promise.resolve(promise).then(undefined, () => {});
  return new TypeError(fault);
}

const SHOWN_ISSUES = 5;

function describe(issues: readonly SchemaIssue[]): string {
  const lines = issues.slice(0, SHOWN_ISSUES).map(({ message, path = [] }) => {
    const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
    return keys.length === 0 ? message : `${keys.join("/")}: ${message}`;
  });
  return lines.length === 0 ? "The payload is not what the action takes." : lines.join("; ");
}

const CODES: { readonly [code in RefusalCode]: true } = {
  bad_request: true,
  unknown_action: true,
  invalid_path: true,
  path_conflict: true,
  forbidden: true,
  conflict: true,
  not_found: true,
  not_a_number: true,
  not_an_array: true,
  limit_exceeded: true,
  session_not_live: true,
  session_paused: true,
  session_ended: true,
  rate_limited: true,
  journal_unavailable: true,
  unauthenticated: true,
  internal: true,
};
