/** How somebody stands to the table, from the page's first moment to its end. */
export type Standing =
  | "connecting"
  | "connected"
  | "reconnecting"
  | "offline"
  | "waiting"
  | "denied"
  | "removed"
  | "banned"
  | "full"
  | "ended"
  | "revoked"
  | "unknown"
  | "elsewhere"
  | "signed-out"
  | "left"
  | "broken";

/** The one word that the status says. */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  connecting: "Connecting",
  connected: "Connected",
  reconnecting: "Reconnecting",
  offline: "Offline",
  waiting: "Waiting",
  denied: "Denied",
  removed: "Removed",
  banned: "Banned",
  full: "Full",
  ended: "Ended",
  revoked: "Removed",
  unknown: "Not found",
  elsewhere: "Offline",
  "signed-out": "Signed out",
  left: "Left",
  broken: "Offline",
};

const BY_CODE: Readonly<Record<number, Standing>> = {
  401: "signed-out",
  404: "unknown",
  409: "full",
  410: "ended",
  4000: "left",
  4200: "ended",
  4201: "removed",
  4202: "banned",
  4203: "revoked",
  4204: "signed-out",
  4206: "elsewhere",
};

/** What the end of a connection means (contract, section 3): a close code, or the code of a refused join. */
export function standingAfter(code: number, reason: string): Standing {
  if (code === 403) return reason === "approval_needed" ? "waiting" : reason === "banned" ? "banned" : "unknown";
  return BY_CODE[code] ?? "broken";
}

/** Whether the table is in front of them, if only as it last was. */
export function isSeated(standing: Standing): boolean {
  return standing === "connected" || standing === "reconnecting" || standing === "offline";
}
