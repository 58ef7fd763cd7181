import type { Draft } from "../draft.ts";
import type { Json } from "../json.ts";
import type { OrRefusal } from "../refusal.ts";
import type { Actor, Role, Status } from "../session.ts";

/** The moment in which an action runs: who, in what status, and the time and dice that it was handed. */
export interface Turn {
  readonly actor: Actor;
  readonly status: Status;
  /** ms since 1970 */
  readonly now: number;
  /** in [0, 1) */
  readonly random: () => number;
  /** is told why an action was answered `internal`, for the log: the actor learns nothing of it */
  readonly onFault?: ((action: string, cause: unknown) => void) | undefined;
}

/** What an action that went through leaves besides its changes. */
export interface Outcome {
  /** JSON text, for the sender alone */
  readonly result?: string;
}

/** An action whose payload and paths are in order: what it needs the right for, and what it does. */
export interface Plan {
  /** the paths that the actor must be allowed to write */
  readonly writes: readonly string[];
  /** Writes to the draft, which is undone as a whole where this refuses or throws. */
  run(draft: Draft, turn: Turn): OrRefusal<Outcome>;
}

/** An action whose payload has the right shape. Calling it checks the paths in it: `invalid_path`. */
export type Intent = () => OrRefusal<Plan>;

/** A kind of command. Its parts are called in the order in which the contract's checks come. */
export interface Action {
  readonly name: string;
  /** Where those who are no GMs may use it. GMs may wherever the session has not ended. */
  readonly statuses: ReadonlySet<Status>;
  /** Who may use it at all; everybody where it is left out, for then the paths decide. */
  readonly roles?: ReadonlySet<Role>;
  /** Checks the shape of the payload: `bad_request`. */
  read(payload: Json): OrRefusal<Intent>;
}

/** Where play goes on, for those who are no GMs. */
export const IN_PLAY: ReadonlySet<Status> = new Set<Status>(["live"]);
