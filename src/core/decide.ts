import { type Action, IN_PLAY, type Intent, type Plan, type Turn } from "./actions/action.ts";
import { BATCH, readBatch } from "./actions/batch.ts";
import type { ActionRegistry } from "./actions/registry.ts";
import type { Command } from "./command.ts";
import { Draft, type Spend } from "./draft.ts";
import type { EntryTree } from "./entries.ts";
import { badExpectedPath, checkExpect } from "./expect.ts";
import { canWrite } from "./paths.ts";
import type { Change } from "./record.ts";
import { isRefusal, type OrRefusal, type Refusal, refusal } from "./refusal.ts";
import type { Actor, Status } from "./session.ts";

export interface DecisionContext {
  /** ms since 1970 */
  readonly now: number;
  /** in [0, 1) */
  readonly random: () => number;
  /** is told why an action of the actions module was answered `internal`. The cause may quote session content. */
  readonly onFault?: (action: string, cause: unknown) => void;
  /** Pays for entries put and removed and KiB written, before they are. Left out: there is no budget. */
  readonly spend?: Spend;
}

/** What an accepted command changes: net, paths whose JSON text stays the same left out, removals first. */
export type Decision = {
  readonly changes: readonly Change[];
  /** JSON text, at most 1 KiB, for the sender alone */
  readonly result?: string;
};

/** The session as the command finds it. */
export interface DecisionState {
  readonly entries: EntryTree;
  readonly status: Status;
  /** of the newest command before this one */
  readonly seq: number;
  /** of a paused session: who paused it, when and why, for whoever has to wait */
  readonly statusNote?: string;
}

/** One action that a command asks for, as far as it has been checked. */
interface Step {
  readonly action: Action;
  readonly intent: Intent;
}

/**
 * Decides a command whose shape is right and whose id is not known yet. Checks in the contract's order, each over the
 * whole command before the next: action, the payload's shape, status, path, right, `expect`, then what the actions
 * themselves refuse. In a batch each of these but `expect` tells the operation (`op`) that it is about.
 *
 * `state` is used as scratch paper meanwhile, and is as it was when this returns or throws.
 * @param state the entries with everything in flight applied
 * @returns the net changes, to become entries of version `state.seq + 1`, or the refusal
 */
export function decide(
  state: DecisionState,
  actor: Actor,
  command: Command,
  actions: ActionRegistry,
  context: DecisionContext,
): OrRefusal<Decision> {
  const inBatch = command.action === BATCH;
  const steps = stepsOf(command, actions);
  if (isRefusal(steps)) return steps;
  const misplaced = statusRefusal(steps, inBatch, state, actor);
  if (misplaced !== undefined) return misplaced;
  const plans = every(steps, inBatch, ({ intent }) => intent());
  if (isRefusal(plans)) return plans;
  const refused =
    badExpectedPath(command.expect) ??
    rightRefusal(steps, plans, inBatch, actor) ??
    checkExpect(state.entries, command.expect, actor);
  if (refused !== undefined) return refused;

  const draft = new Draft(state.entries, state.seq + 1, actor.userId, context.spend);
  try {
    return run(draft, plans, inBatch, { ...context, actor, status: state.status });
  } finally {
    draft.undo();
  }
}

/** `unknown_action`, `bad_request`, and `limit_exceeded` for a batch of too many. */
function stepsOf(command: Command, actions: ActionRegistry): OrRefusal<readonly Step[]> {
  const inBatch = command.action === BATCH;
  const ops = inBatch ? readBatch(command.payload) : [command];
  if (isRefusal(ops)) return ops;
  const known = every(ops, inBatch, (op) => {
    const action = actions.get(op.action);
    return action === undefined ? refusal("unknown_action", "There is no such action.") : { ...op, action };
  });
  if (isRefusal(known)) return known;
  return every(known, inBatch, ({ action, payload }) => {
    const intent = action.read(payload);
    return isRefusal(intent) ? intent : { action, intent };
  });
}

/** An empty batch is judged as an action of play would be. */
function statusRefusal(
  steps: readonly Step[],
  inBatch: boolean,
  state: DecisionState,
  actor: Actor,
): Refusal | undefined {
  if (steps.length === 0) return notInStatus(IN_PLAY, state, actor);
  return first(steps, inBatch, ({ action }) => notInStatus(action.statuses, state, actor));
}

function notInStatus(allowed: ReadonlySet<Status>, state: DecisionState, actor: Actor): Refusal | undefined {
  if (state.status === "ended") return refusal("session_ended", "The session has ended.");
  if (actor.role === "gm" || allowed.has(state.status)) return undefined;
  switch (state.status) {
    case "created":
      return refusal("session_not_live", "The session has not started yet.");
    case "paused":
      return refusal("session_paused", state.statusNote ?? "The session is paused.");
    case "live":
      // Only an action of the actions module can be for other times than play.
      return refusal("session_not_live", "This action is not for a live session.");
  }
}

function rightRefusal(
  steps: readonly Step[],
  plans: readonly Plan[],
  inBatch: boolean,
  actor: Actor,
): Refusal | undefined {
  return first(plans, inBatch, ({ writes }, index) => {
    const { roles } = steps[index]!.action;
    if (roles !== undefined && !roles.has(actor.role)) return refusal("forbidden", "Your role may not do this.");
    const closed = writes.find((path) => !canWrite(path, actor));
    return closed === undefined ? undefined : refusal("forbidden", `You may not write ${closed}.`);
  });
}

/**
 * Runs the plans one after the other on the draft. How many entries and bytes a session may have is judged at the end:
 * a batch may be over in between. The refusal names the operation since which it was over without a break.
 */
function run(draft: Draft, plans: readonly Plan[], inBatch: boolean, turn: Turn): OrRefusal<Decision> {
  let excess: Refusal | undefined;
  let result: string | undefined;
  for (const [index, plan] of plans.entries()) {
    const outcome = plan.run(draft, turn);
    if (isRefusal(outcome)) return about(outcome, index, inBatch);
    const over = draft.excess();
    excess = over && (excess ?? about(over, index, inBatch));
    result = outcome.result;
  }
  if (excess !== undefined) return excess;
  const changes = draft.changes();
  // A batch has no result: those of its operations together could be over the limit of one.
  return inBatch || result === undefined ? { changes } : { changes, result };
}

/** What each item becomes, or the first refusal among them. */
function every<Item, T>(
  items: readonly Item[],
  inBatch: boolean,
  become: (item: Item) => OrRefusal<T>,
): OrRefusal<readonly T[]> {
  const all: T[] = [];
  const refused = first(items, inBatch, (item) => {
    const one = become(item);
    if (isRefusal(one)) return one;
    all.push(one);
    return undefined;
  });
  return refused ?? all;
}

/** The first refusal among the items'; in a batch it carries the operation's index. */
function first<Item>(
  items: readonly Item[],
  inBatch: boolean,
  check: (item: Item, index: number) => Refusal | undefined,
): Refusal | undefined {
  for (const [index, item] of items.entries()) {
    const refused = check(item, index);
    if (refused !== undefined) return about(refused, index, inBatch);
  }
  return undefined;
}

function about(refused: Refusal, op: number, inBatch: boolean): Refusal {
  return inBatch ? { ...refused, op } : refused;
}
