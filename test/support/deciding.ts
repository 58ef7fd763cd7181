import assert from "node:assert/strict";
import { type ActionRegistry, actionRegistry } from "../../src/core/actions/registry.ts";
import { parseCommand } from "../../src/core/command.ts";
import { type Decision, decide } from "../../src/core/decide.ts";
import { EntryTree } from "../../src/core/entries.ts";
import type { Json } from "../../src/core/json.ts";
import { isRefusal, type OrRefusal, type Refusal, type RefusalCode } from "../../src/core/refusal.ts";
import type { Actor, Entry, Role, Status } from "../../src/core/session.ts";

export function actor(userId: string, role: Role): Actor {
  return { userId, name: `${userId}'s name`, role, via: "member" };
}

export const gm = actor("gm", "gm");
export const kim = actor("kim", "player");
export const lee = actor("lee", "player");
export const watcher = actor("watcher", "spectator");

/**
 * Entries, a status and a seq, and commands decided on them one after the other, as a session does it. After every
 * decision the entries are compared with what they were before it: deciding leaves no trace.
 */
export class Deciding {
  entries = new EntryTree();
  status: Status = "live";
  seq = 0;
  statusNote: string | undefined;
  now = 1_000;
  random = 0.5;
  readonly faults: (readonly [action: string, cause: unknown])[] = [];
  readonly #actions: ActionRegistry;

  constructor(actions: ActionRegistry = actionRegistry()) {
    this.#actions = actions;
  }

  /** Decides and, where accepted, applies. */
  try(who: Actor, action: string, payload: Json, expect?: Record<string, number>): OrRefusal<Decision> {
    const command = parseCommand({ id: "c", action, payload, expect });
    if (isRefusal(command)) return command;
    const before = [...this.entries].sort(byPath);
    const { size, bytes } = this.entries;
    const note = this.statusNote === undefined ? {} : { statusNote: this.statusNote };
    const decision = decide(
      { entries: this.entries, status: this.status, seq: this.seq, ...note },
      who,
      command,
      this.#actions,
      { now: this.now, random: () => this.random, onFault: (name, cause) => this.faults.push([name, cause]) },
    );
    assert.deepEqual([...this.entries].sort(byPath), before, "deciding left a trace");
    assert.deepEqual([this.entries.size, this.entries.bytes], [size, bytes], "deciding left a trace in the sums");
    if (isRefusal(decision)) return decision;
    this.seq++;
    for (const [path, value] of decision.changes) {
      if (value === null) this.entries.remove(path);
      else {
        assert.equal(this.entries.blocker(path), undefined, `${path} came while something stood above it`);
        this.entries.put(path, { value, version: this.seq, by: who.userId });
      }
    }
    return decision;
  }

  /** A command that has to be accepted. */
  do(who: Actor, action: string, payload: Json, expect?: Record<string, number>): Decision {
    const decision = this.try(who, action, payload, expect);
    assert.ok(!isRefusal(decision), `refused: ${JSON.stringify(decision)}`);
    return decision;
  }

  /** A command that has to be refused with that code. */
  refuses(code: RefusalCode, who: Actor, action: string, payload: Json, expect?: Record<string, number>): Refusal {
    const decision = this.try(who, action, payload, expect);
    assert.ok(isRefusal(decision), `accepted: ${JSON.stringify(decision)}`);
    assert.equal(decision.code, code, decision.message);
    return decision;
  }

  /** Every entry's JSON text, by path in order. */
  get texts(): Record<string, string> {
    return Object.fromEntries([...this.entries].sort(byPath).map(([path, { value }]) => [path, value]));
  }

  /** Who last changed an entry, and with which command. */
  stamp(path: string): string {
    const entry = this.entries.get(path);
    return entry === undefined ? "none" : `${entry.by}@${entry.version}`;
  }
}

function byPath([a]: readonly [string, Entry], [b]: readonly [string, Entry]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
