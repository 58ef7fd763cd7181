import type { Json } from "../../src/core/json.ts";
import type { Role } from "../../src/core/session.ts";

export interface PlainEntry {
  readonly value: Json;
  readonly version: number;
  readonly by: string;
}

export interface PlainCommand {
  readonly who: { readonly userId: string; readonly role: Role };
  readonly action: string;
  readonly payload: Record<string, unknown>;
  readonly expect: Readonly<Record<string, number>>;
}

/** A refusal on its way out: thrown, for here it is only about which. */
export class No extends Error {
  readonly code: string;
  readonly op: number | undefined;
  constructor(code: string, op?: number) {
    super(code);
    this.code = code;
    this.op = op;
  }
}

/**
 * The contract's sections 4 and 5 once more, as slowly and plainly as they can be written: one map of path → value that
 * is copied for every command and searched from end to end. For well-shaped payloads of a live session.
 */
export class PlainTable {
  entries = new Map<string, PlainEntry>();
  seq = 0;

  /** @returns the result, as JSON text. @throws No */
  run({ who, action, payload, expect }: PlainCommand): string | undefined {
    const ops = action === "batch" ? (payload.ops as { action: string; payload: Record<string, unknown> }[]) : [];
    const steps = action === "batch" ? ops : [{ action, payload }];
    const numbered = <T>(check: (step: (typeof steps)[number]) => T): T[] =>
      steps.map((step, index) => {
        try {
          return check(step);
        } catch (error) {
          throw error instanceof No && action === "batch" ? new No(error.code, index) : error;
        }
      });
    numbered(checkPaths);
    for (const path of Object.keys(expect)) checkPath(path);
    numbered((step) => checkRights(step, who));
    this.#checkExpect(expect, who);

    const values = new Map([...this.entries].map(([path, { value }]) => [path, value]));
    const results = numbered((step) => act(values, step.action, step.payload));

    this.seq++;
    const stamp = { version: this.seq, by: who.userId };
    this.entries = new Map(
      [...values].map(([path, value]) => {
        const before = this.entries.get(path);
        const same = before !== undefined && JSON.stringify(before.value) === JSON.stringify(value);
        return [path, same ? before : { value, ...stamp }];
      }),
    );
    return action === "batch" || results[0] === undefined ? undefined : JSON.stringify(results[0]);
  }

  #checkExpect(expect: PlainCommand["expect"], who: PlainCommand["who"]): void {
    for (const path of Object.keys(expect)) {
      const [namespace, owner] = path.split("/");
      const secret = namespace === "gm" || (namespace === "private" && owner !== who.userId);
      if (secret && who.role !== "gm") throw new No("forbidden");
    }
    for (const [path, version] of Object.entries(expect)) {
      const there = this.entries.get(path)?.version;
      const below = [...this.entries.keys()].some((other) => other.startsWith(`${path}/`));
      const holds = version === 0 ? there === undefined && !below : there === version;
      if (!holds) throw new No("conflict");
    }
  }
}

function act(values: Map<string, Json>, action: string, payload: Record<string, unknown>): Json | undefined {
  const path = String(payload.path ?? payload.from);
  const isUnder = (other: string, top: string) => other.startsWith(`${top}/`);
  const keys = () => [...values.keys()];
  const clear = (top: string) => {
    for (const other of keys()) if (other === top || isUnder(other, top)) values.delete(other);
  };
  const mustBeFree = (top: string) => {
    if (keys().some((other) => isUnder(top, other))) throw new No("path_conflict");
  };
  const mustBeSingle = (top: string) => {
    mustBeFree(top);
    if (keys().some((other) => isUnder(other, top))) throw new No("path_conflict");
  };
  const put = (top: string, value: Json) => {
    if (isBranch(value)) for (const [key, inner] of Object.entries(value)) put(`${top}/${key}`, inner);
    else values.set(top, value);
  };
  const mergeInto = (top: string, patch: Record<string, Json>) => {
    if (values.has(top)) throw new No("path_conflict");
    for (const [key, value] of Object.entries(patch)) {
      const at = `${top}/${key}`;
      if (isBranch(value)) {
        mergeInto(at, value);
        continue;
      }
      clear(at);
      if (value !== null) values.set(at, value);
    }
  };

  switch (action) {
    case "set":
      mustBeFree(path);
      clear(path);
      put(path, payload.value as Json);
      return undefined;
    case "delete":
      mustBeFree(path);
      clear(path);
      return undefined;
    case "merge":
      mustBeFree(path);
      mergeInto(path, payload.value as Record<string, Json>);
      return undefined;
    case "increment": {
      mustBeSingle(path);
      const now = values.has(path) ? values.get(path) : 0;
      if (typeof now !== "number") throw new No("not_a_number");
      const sum = now + Number(payload.by);
      if (!Number.isFinite(sum)) throw new No("limit_exceeded");
      values.set(path, sum);
      return sum;
    }
    case "append": {
      mustBeSingle(path);
      const now = values.has(path) ? values.get(path) : [];
      if (!Array.isArray(now)) throw new No("not_an_array");
      let all: Json[] = [...now, ...(payload.values as Json[])];
      while (payload.max !== undefined && all.length > Number(payload.max)) all = all.slice(1);
      values.set(path, all);
      return all.length;
    }
    case "move": {
      const to = String(payload.to);
      if (to === path || isUnder(to, path)) throw new No("path_conflict");
      const moved = [...values].filter(([other]) => other === path || isUnder(other, path));
      if (moved.length === 0) throw new No("not_found");
      mustBeFree(to);
      const there = moved.map(([other, value]) => [to + other.slice(path.length), value] as const);
      if (there.some(([other]) => other.split("/").length > 8)) throw new No("invalid_path");
      clear(path);
      clear(to);
      for (const [other, value] of there) values.set(other, value);
      return undefined;
    }
    default:
      throw new Error(`no such action: ${action}`);
  }
}

function checkPaths({ action, payload }: { action: string; payload: Record<string, unknown> }): void {
  const named = action === "move" ? [payload.from, payload.to] : [payload.path];
  for (const path of named) checkPath(String(path));
  if (action === "set" || action === "merge") checkKeys(String(payload.path), payload.value as Json);
}

function checkKeys(path: string, value: Json): void {
  if (!isBranch(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes("/")) throw new No("invalid_path");
    checkPath(`${path}/${key}`);
    checkKeys(`${path}/${key}`, inner);
  }
}

function checkPath(path: string): void {
  const segments = path.split("/");
  const known = ["shared", "players", "private", "gm", "table"].includes(segments[0]!);
  const good = segments.every((one) => one !== "" && one !== "." && one !== ".." && one === one.normalize("NFC"));
  if (!known || !good || segments.length < 2 || segments.length > 8) throw new No("invalid_path");
}

function checkRights(
  { action, payload }: { action: string; payload: Record<string, unknown> },
  who: PlainCommand["who"],
): void {
  const written = action === "move" ? [payload.from, payload.to] : [payload.path];
  for (const path of written) {
    const [namespace, owner] = String(path).split("/");
    const own =
      namespace === "shared" || ((namespace === "players" || namespace === "private") && owner === who.userId);
    if (!(who.role === "gm" || (who.role === "player" && own))) throw new No("forbidden");
  }
}

function isBranch(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
