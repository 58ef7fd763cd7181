import type { Closing, Eviction } from "../live/observer.ts";
import type { JoinReason } from "./door.ts";

/**
 * The close codes of contract section 3. 4000 to 4010 are the framework's: after 4010 the SDK tries to come back by
 * itself, and the reason says why. After 42xx it does not.
 */
export const CloseCode = {
  consented: 4000,
  reconnectionFailed: 4003,
  comeBack: 4010,
  sessionEnded: 4200,
  removed: 4201,
  banned: 4202,
  accessRevoked: 4203,
  tokenExpired: 4204,
  protocolError: 4205,
  replaced: 4206,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** The code and the reason of a close frame. */
export interface CloseFrame {
  readonly code: CloseCode;
  readonly reason: string;
}

/** The close frame of a socket that is closed for its backlog. */
export const TOO_SLOW: CloseFrame = { code: CloseCode.comeBack, reason: "too_slow" };

/** The close frame of a socket that somebody closed in the monitor. */
export const DISCONNECTED: CloseFrame = { code: CloseCode.comeBack, reason: "disconnected" };

/** What everybody is closed with when a session closes. */
export const CLOSINGS: { readonly [why in Closing]: CloseFrame } = {
  host_moved: { code: CloseCode.comeBack, reason: "host_moved" },
  idle: { code: CloseCode.comeBack, reason: "host_moved" },
  server_restarting: { code: CloseCode.comeBack, reason: "server_restarting" },
  session_ended: { code: CloseCode.sessionEnded, reason: "session_ended" },
};

/** What somebody is closed with who may not be here any more. */
export const EVICTION_CODES: { readonly [why in Eviction]: CloseCode } = {
  removed: CloseCode.removed,
  banned: CloseCode.banned,
  access_revoked: CloseCode.accessRevoked,
};

const REASONS: { readonly [code: number]: string } = {
  [CloseCode.sessionEnded]: "session_ended",
  [CloseCode.removed]: "removed",
  [CloseCode.banned]: "banned",
  [CloseCode.accessRevoked]: "access_revoked",
  [CloseCode.tokenExpired]: "token_expired",
  [CloseCode.protocolError]: "protocol_error",
  [CloseCode.replaced]: "replaced",
};

/** A close frame whose reason follows from its code. */
export function closing(code: CloseCode): CloseFrame {
  return { code, reason: REASONS[code] ?? "" };
}

/**
 * The close frame of a refused return. Where nothing is wrong with the person, only with the moment, the SDK is to try
 * again; else it is final.
 */
export function closingOfRefusal(reason: JoinReason): CloseFrame {
  switch (reason) {
    case "session_ended":
      return closing(CloseCode.sessionEnded);
    case "banned":
      return closing(CloseCode.banned);
    case "unavailable":
      return CLOSINGS.host_moved;
    case "rate_limited":
    case "too_many_connections":
      return { code: CloseCode.comeBack, reason };
    default:
      return { code: CloseCode.reconnectionFailed, reason: "expired" };
  }
}

/** What closed a socket, where it was not one of ours: RFC 6455 and the framework. */
const FOREIGN: { readonly [code: number]: string } = {
  1000: "normal",
  1001: "going_away",
  1005: "no_status",
  1006: "abnormal",
  1009: "too_large",
  [CloseCode.consented]: "consented",
  4002: "with_error",
  [CloseCode.reconnectionFailed]: "failed_to_reconnect",
  [CloseCode.comeBack]: "come_back",
};

/** The reasons of 4010. */
const COME_BACK_REASONS = new Set([
  "too_slow",
  "disconnected",
  "host_moved",
  "server_restarting",
  "rate_limited",
  "too_many_connections",
]);

/** Every word that `closeWord` says. */
export const CLOSE_WORDS: readonly string[] = [
  ...Object.values(REASONS),
  ...Object.values(FOREIGN),
  ...COME_BACK_REASONS,
  "other",
];

/**
 * Why a socket was closed, in a word, one of few whatever a client sent: for figures.
 * @param reason the one that we closed it with, where we did
 */
export function closeWord(code: number | undefined, reason?: string): string {
  if (reason !== undefined && COME_BACK_REASONS.has(reason)) return reason;
  return code === undefined ? "abnormal" : (REASONS[code] ?? FOREIGN[code] ?? "other");
}
