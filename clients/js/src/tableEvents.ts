import type { Answer, Command } from "./command.ts";
import type { Divergence } from "./divergence.ts";
import type { Refusal } from "./errors.ts";
import type { Knock, Participant, Status } from "./state.ts";

/** What a table tells, by name. */
export interface TableEvents {
  /** the session's status changed, or who brought it about or why: a GM may make a pause of the server's theirs */
  status: { readonly status: Status; readonly previous: Status; readonly by: string; readonly reason: string };
  /** a participant came, changed, or left (`participant` undefined) */
  presence: { readonly userId: string; readonly participant: Participant | undefined };
  /** confirmed entries changed: written, or gone */
  change: { readonly seq: number; readonly paths: readonly string[] };
  /** the state is what it is now: after every patch, whatever it changed, and after a full state */
  patch: { readonly seq: number };
  /** what `view()` shows may have changed */
  view: undefined;
  /** a command was committed, also one that an earlier page had sent */
  committed: { readonly command: Command; readonly answer: Answer };
  /** a command was refused for good, also one that an earlier page had sent */
  refused: { readonly command: Command; readonly refusal: Refusal };
  /** the connection is gone; it is being joined again */
  lost: { readonly code: number; readonly reason: string };
  /** joined again, the whole state is here */
  back: { readonly awayMs: number };
  /** joins again at that time (ms since 1970), or sooner; told before each wait */
  waiting: { readonly until: number };
  /** the copy was compared with the server's digest for that `seq`, and is the same */
  agreed: { readonly seq: number };
  /** the copy differed from the server's; it is fetched anew */
  diverged: Divergence;
  /** a round trip, measured */
  latency: { readonly rttMs: number };
  /** any message that is not part of this package's own work */
  message: { readonly type: string; readonly payload: unknown };
  /** for GMs: somebody waits to be admitted, or does no more (`knock` undefined) */
  knock: { readonly userId: string; readonly knock: Knock | undefined };
  /** something that needs no action failed: a token not renewed, a stored command not read, a storage not written or not cleaned */
  trouble: { readonly what: string; readonly error: unknown };
  /** the end: it does not come back by itself */
  closed: { readonly code: number; readonly reason: string };
}
