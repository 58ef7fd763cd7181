import type { AuditKind } from "./record.ts";
import type { Status } from "./session.ts";

/** What a GM asks for. Several steps may lead to one status, but each to one alone. */
export type Step = "start" | "pause" | "resume" | "terminate";

export type StepOutcome = { readonly to: Status } | "unchanged" | "invalid_transition";

interface Rule {
  readonly from: readonly Status[];
  readonly to: Status;
  readonly kind: AuditKind;
}

/** Contract section 2: `created → live ⇄ paused → ended`, `created → ended`, `live → ended`, and nothing else. */
const TABLE: { readonly [step in Step]: Rule } = {
  start: { from: ["created"], to: "live", kind: "session.started" },
  pause: { from: ["live"], to: "paused", kind: "session.paused" },
  resume: { from: ["paused"], to: "live", kind: "session.resumed" },
  terminate: { from: ["created", "live", "paused"], to: "ended", kind: "session.ended" },
};

/** What a step is judged by: the status, and who brought it about, empty for the server. */
export interface StatusNow {
  readonly status: Status;
  readonly statusBy: string;
}

/**
 * What a step does to a session of that status: leads on, changes nothing where its target is there already (so both
 * `start` and `resume` of what is live), or is not allowed. A GM's `pause` of what the server paused leads on: to their pause.
 * @param by the user id of a GM, empty for the server
 */
export function step(now: StatusNow, name: Step, by: string): StepOutcome {
  const { from, to } = TABLE[name];
  if (name === "pause" && isPausedByServer(now) && by !== "") return { to };
  if (now.status === to) return "unchanged";
  return from.includes(now.status) ? { to } : "invalid_transition";
}

/** A pause in which nobody is named is the server's own. */
export function isPausedByServer({ status, statusBy }: StatusNow): boolean {
  return status === "paused" && statusBy === "";
}

/** The audit event of a step that led on. */
export function auditKindOf(name: Step): AuditKind {
  return TABLE[name].kind;
}
