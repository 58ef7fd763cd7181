import type { Summary, Told } from "./examine.ts";
import type { Place } from "./finding.ts";

/** For people: one line. */
export function lineOf(told: Told): string {
  switch (told.what) {
    case "found": {
      const { severity, says, canMend } = told.finding;
      return `${severity.padEnd(8)} ${placeOf(told.finding)}: ${says}${canMend ? " (--mend)" : ""}`;
    }
    case "mended":
      return `mended   ${told.sessionId === null ? "store" : `session ${told.sessionId}`}: ${told.did}`;
    case "not_mended":
      return `left     session ${told.sessionId}: not mended, for ${told.why}`;
  }
}

/** The last line, for people. @param seconds that it took */
export function summaryLine({ campaigns, sessions, records, snapshots, wrong }: Summary, seconds: number): string {
  const seen = [many(campaigns, "campaign"), many(sessions, "session"), many(records, "record")];
  const found = [many(wrong.note, "note"), many(wrong.warning, "warning"), many(wrong.damage, "damage")];
  const what = [...seen, many(snapshots, "snapshot")].join(", ");
  return `${what} looked at in ${seconds.toFixed(1)} s: ${found.join(", ")}`;
}

/** For machines: one line of JSON. */
export function jsonLineOf(told: Told): string {
  return JSON.stringify(told.what === "found" ? { what: told.what, ...told.finding } : told);
}

/** The last line, for machines. */
export function jsonSummaryLine(summary: Summary, seconds: number): string {
  return JSON.stringify({ what: "summary", ...summary, seconds });
}

function placeOf({ campaignId, sessionId, pos }: Place): string {
  if (sessionId !== null) return `session ${sessionId}${pos === null ? "" : ` at ${pos}`}`;
  return campaignId === null ? "store" : `campaign ${campaignId}`;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
