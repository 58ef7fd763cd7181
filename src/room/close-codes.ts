import type { Closing, Eviction } from "../live/observer.ts";

/** Why the server closes a socket: contract section 3. 41xx: join again, nothing is lost; 42xx: as each says. */
export const CloseCode = {
  consented: 4000,
  hostMoved: 4100,
  serverRestarting: 4101,
  tooSlow: 4102,
  sessionEnded: 4200,
  removed: 4201,
  banned: 4202,
  accessRevoked: 4203,
  tokenExpired: 4204,
  protocolError: 4205,
  replaced: 4206,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** What everybody is closed with when a session closes. */
export const CLOSING_CODES: { readonly [why in Closing]: CloseCode } = {
  host_moved: CloseCode.hostMoved,
  session_ended: CloseCode.sessionEnded,
  server_restarting: CloseCode.serverRestarting,
  idle: CloseCode.hostMoved,
};

/** What somebody is closed with who may not be here any more. */
export const EVICTION_CODES: { readonly [why in Eviction]: CloseCode } = {
  removed: CloseCode.removed,
  banned: CloseCode.banned,
  access_revoked: CloseCode.accessRevoked,
};

const REASONS: { readonly [code: number]: string } = {
  [CloseCode.hostMoved]: "host_moved",
  [CloseCode.serverRestarting]: "server_restarting",
  [CloseCode.tooSlow]: "too_slow",
  [CloseCode.sessionEnded]: "session_ended",
  [CloseCode.removed]: "removed",
  [CloseCode.banned]: "banned",
  [CloseCode.accessRevoked]: "access_revoked",
  [CloseCode.tokenExpired]: "token_expired",
  [CloseCode.protocolError]: "protocol_error",
  [CloseCode.replaced]: "replaced",
};

/** The reason that travels in the close frame. */
export function closeReason(code: CloseCode): string {
  return REASONS[code] ?? "";
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
  4003: "failed_to_reconnect",
};

/** Every word that `closeWord` says. */
export const CLOSE_WORDS: readonly string[] = [...Object.values(REASONS), ...Object.values(FOREIGN), "other"];

/** A close code in a word, one of few whatever a client sent: for figures. */
export function closeWord(code: number | undefined): string {
  return code === undefined ? "abnormal" : (REASONS[code] ?? FOREIGN[code] ?? "other");
}
