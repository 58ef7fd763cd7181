import { escapeHtml } from "./escape-html.ts";

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotLabels {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** what to write at these values of x, instead of the values */
  readonly ticks?: readonly (readonly [x: number, label: string])[];
}

const WIDTH = 720;
const HEIGHT = 260;
const MARGIN = { left: 60, right: 16, top: 34, bottom: 42 };
const GRID_LINES = 4;

/** A plot of lines as a self-contained `<svg>`; y begins at 0. */
export function plotSvg(labels: PlotLabels, lines: readonly Line[]): string {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const top = roundUp(Math.max(...points.map(([, y]) => y), Number.MIN_VALUE));
  const atX = (x: number) => MARGIN.left + ((x - left) / (right - left || 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const atY = (y: number) => HEIGHT - MARGIN.bottom - (y / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const grid = Array.from({ length: GRID_LINES + 1 }, (_, index) => (top / GRID_LINES) * index).map(
    (y) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${atY(y)}" y2="${atY(y)}" class="grid"/>` +
      `<text x="${MARGIN.left - 6}" y="${atY(y) + 4}" text-anchor="end">${Number(y.toPrecision(3))}</text>`,
  );
  const ticks = (labels.ticks ?? [left, right].map((x) => [x, String(x)] as const)).map(
    ([x, label]) =>
      `<text x="${atX(x)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${escapeHtml(label)}</text>`,
  );
  const drawn = lines.map(({ color, points: of }) => {
    const path = of.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`;
  });
  const legend = lines.map(
    ({ name, color }, index) =>
      `<text x="${WIDTH - MARGIN.right - index * 150}" y="20" text-anchor="end" style="fill:${color}">${escapeHtml(name)}</text>`,
  );
  const title = `<text x="${MARGIN.left}" y="20" class="title">${escapeHtml(`${labels.title}, ${labels.y}`)}</text>`;
  const axis = `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(labels.x)}</text>`;
  const body = [...grid, ...ticks, ...drawn, ...legend, title, axis].join("");
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(labels.title)}">${body}</svg>`;
}

/** The next number up that begins with 1, 2, 4 or 8 and goes on with zeros: it can be quartered. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 8, 10].find((factor) => value <= factor * unit) ?? 10;
  return step * unit;
}
