import type { Answer, Expect, Operation } from "./command.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Activity } from "./state.ts";

/** The actions and small messages that every server has (contract, section 5), by name. */
export abstract class BuiltInActions {
  abstract command(action: string, payload: Json, options?: { readonly expect?: Expect }): Promise<Answer>;
  abstract request(type: string, payload: Json): Promise<unknown>;

  /** Replaces the entry or subtree at a path. */
  set(path: string, value: Json, options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("set", { path, value }, options);
  }

  /** RFC 7396 merge patch on a subtree: `null` deletes. */
  merge(path: string, value: JsonObject, options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("merge", { path, value }, options);
  }

  delete(path: string, options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("delete", { path }, options);
  }

  /** Adds to a number, 0 where there is none. The answer's `result` is the new value. */
  increment(path: string, by: number, options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("increment", { path, by }, options);
  }

  /** Appends to an array; with `max`, the newest that many stay. The answer's `result` is the new length. */
  append(
    path: string,
    values: readonly Json[],
    options: { readonly max?: number; readonly expect?: Expect } = {},
  ): Promise<Answer> {
    const { max, ...rest } = options;
    return this.command("append", max === undefined ? { path, values } : { path, values, max }, rest);
  }

  /** Moves an entry or a subtree, over what is at `to`. */
  move(from: string, to: string, options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("move", { from, to }, options);
  }

  /** All or nothing: a refusal names the operation by `op`. */
  batch(ops: readonly Operation[], options?: { readonly expect?: Expect }): Promise<Answer> {
    return this.command("batch", { ops: ops as readonly (Operation & JsonObject)[] }, options);
  }

  /** Shows the others what this person is doing. Not queued: rejects while the connection is lost. */
  activity(kind: Activity): Promise<void> {
    return this.#done(this.request("activity", { kind }));
  }

  /** Says that this device is in use, or put aside. Not queued: rejects while the connection is lost. */
  presence(status: "online" | "idle"): Promise<void> {
    return this.#done(this.request("presence", { status }));
  }

  #done(answer: Promise<unknown>): Promise<void> {
    const done = answer.then(() => undefined);
    done.catch(() => {});
    return done;
  }
}
