import { MEASURES } from "./measures.ts";
import type { EveningResult } from "./result.ts";
import { figure, tableText } from "./table-text.ts";

/** An evening's figures as a table for a terminal, with what was refused, closed or wrong below it. */
export function reportText(result: EveningResult): string {
  const rows = MEASURES.flatMap(({ name, of }) => {
    const value = of(result);
    return value === null ? [] : [[name, figure(value)]];
  });
  const { commands, refused, closed } = result;
  const lines = [
    tableText(rows),
    sharesText(result),
    `${commands.sent} commands sent, ${commands.acknowledged} acknowledged.`,
  ];
  if (commands.duplicates > 0) lines.push(`${commands.duplicates} were found committed when sent again.`);
  lines.push(counted("Refused, by code", refused), counted("Connections closed, by code", closed), verdictText(result));
  return lines.filter(Boolean).join("\n");
}

/** Who of several processes does how much. */
function sharesText({ servers }: EveningResult): string {
  if (servers.length < 2) return "";
  return `CPU of each server, % of a core: ${servers.map(({ cpuShare }) => figure(cpuShare * 100)).join(", ")}.`;
}

function verdictText({ faults }: EveningResult): string {
  if (faults.length === 0)
    return "Nothing lost, nothing duplicated; all participants of a session hold the same state.";
  return ["FAULTS:", ...faults.map((fault) => `  ${fault}`)].join("\n");
}

function counted(title: string, counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([code, times]) => `${code}: ${times}`);
  return parts.length === 0 ? "" : `${title}: ${parts.join(", ")}.`;
}
