import { escapeHtml } from "./escape-html.ts";
import { MEASURES } from "./measures.ts";
import { type Line, plotSvg } from "./plot.ts";
import type { EveningResult, Moment } from "./result.ts";
import { figure } from "./table-text.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0}td{padding:.15rem .8rem .15rem 0;border-bottom:1px solid #ddd}
td+td{text-align:right;font-variant-numeric:tabular-nums}svg{width:100%;margin:.6rem 0}svg text{font:11px system-ui,sans-serif;fill:#555}
svg .title{font-weight:600;fill:#222}svg .grid{stroke:#e4e4e4}.bad{color:#b00020}`;

const BLUE = "#1f6feb";
const RED = "#c0392b";
const GREEN = "#2e7d32";

/** An evening as one HTML page that needs nothing from anywhere. */
export function reportHtml(result: EveningResult): string {
  const { options, faults } = result;
  const evening = `${options.sessions} sessions × ${options.players} players × ${options.rate} commands a second for ${options.seconds} s`;
  const rows = MEASURES.flatMap(({ name, of }) => {
    const value = of(result);
    return value === null ? [] : [`<tr><td>${escapeHtml(name)}</td><td>${figure(value)}</td></tr>`];
  });
  const counts = [
    ...Object.entries(result.refused).map(([code, times]) => `refused ${code}: ${times}`),
    ...Object.entries(result.closed).map(([code, times]) => `closed ${code}: ${times}`),
  ];
  const verdict =
    faults.length === 0
      ? "<p>Nothing lost, nothing duplicated; all participants of a session hold the same state.</p>"
      : `<h2 class="bad">Faults</h2><ul>${faults.map((fault) => `<li>${escapeHtml(fault)}</li>`).join("")}</ul>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Load test ${escapeHtml(result.at)}</title>
<style>${STYLE}</style><h1>Load test</h1><p>${escapeHtml(evening)}. ${escapeHtml(result.at)}</p>${verdict}
${plots(result).join("\n")}
<table>${rows.join("")}</table>${counts.length === 0 ? "" : `<p>${escapeHtml(counts.join("; "))}</p>`}
<h2>Options</h2><pre>${escapeHtml(JSON.stringify(options, null, 1))}</pre></html>
`;
}

function plots({ timeline, curve }: EveningResult): string[] {
  const bySecond = (name: string, color: string, of: (moment: Moment) => number | null): Line => ({
    name,
    color,
    points: timeline.flatMap((moment) => {
      const value = of(moment);
      return value === null ? [] : [[moment.second, value] as const];
    }),
  });
  const all: [Parameters<typeof plotSvg>[0], Line[]][] = [
    [
      { title: "Commands", x: "second", y: "acknowledged a second" },
      [bySecond("acknowledged", BLUE, (moment) => moment.acknowledged)],
    ],
    [
      { title: "Acknowledged latency", x: "second", y: "ms" },
      [bySecond("p50", BLUE, (moment) => moment.p50), bySecond("p99", RED, (moment) => moment.p99)],
    ],
    [
      {
        title: "Latencies",
        x: "percentile",
        y: "ms",
        ticks: curve.map(([percent], index) => [index, String(percent)]),
      },
      [
        { name: "acknowledged", color: BLUE, points: curve.map(([, ms], index) => [index, ms]) },
        { name: "visible to others", color: GREEN, points: curve.map(([, , ms], index) => [index, ms]) },
      ],
    ],
    [
      { title: "Server CPU", x: "second", y: "% of a core" },
      [bySecond("CPU", BLUE, ({ serverCpuShare }) => (serverCpuShare === null ? null : serverCpuShare * 100))],
    ],
    [{ title: "Server memory (RSS)", x: "second", y: "MiB" }, [bySecond("RSS", BLUE, (moment) => moment.rssMiB)]],
  ];
  return all
    .filter(([, lines]) => lines.some((line) => line.points.length > 0))
    .map(([labels, lines]) => plotSvg(labels, lines));
}
