import type { Role, Status } from "../api/shapes.ts";

const ROLES: Readonly<Record<Role, string>> = { gm: "GM", player: "Player", spectator: "Spectator" };
const STATUSES: Readonly<Record<Status, string>> = {
  created: "Not started",
  live: "Live",
  paused: "Paused",
  ended: "Ended",
};

export function roleWord(role: Role): string {
  return ROLES[role] ?? role;
}

export function statusWord(status: Status): string {
  return STATUSES[status] ?? status;
}
