import { whenText } from "../widgets/when.ts";
import type { EveningPicture, Span } from "./attendance.ts";

const ROW = 24;
const NAMES = 84;
const WIDTH = 380;
const HEAD = 22;
const MARKS = 2;
const MAX_CHARACTERS = 12;

/** The evening as bars along its time. The table below says the same in figures. */
export function EveningChart({ picture }: { readonly picture: EveningPicture }) {
  const { from, to, people, play, pauses } = picture;
  const span = Math.max(1, to - from);
  const x = (ms: number) => NAMES + ((Math.min(Math.max(ms, from), to) - from) / span) * (WIDTH - NAMES);
  const height = HEAD + (people.length + 1) * ROW;
  const bars = (spans: readonly Span[], row: number, kind: string) =>
    spans.map((one) => (
      <rect
        key={`${kind} ${one.from}`}
        class={kind}
        x={x(one.from)}
        y={HEAD + row * ROW + 6}
        width={Math.max(2, x(one.to) - x(one.from))}
        height={ROW - 12}
        rx={3}
      />
    ));
  return (
    <figure>
      <svg
        class="evening-chart"
        role="img"
        aria-label={`Who was there when, from ${whenText(from, to)} to ${whenText(to, Date.now())}`}
        viewBox={`0 0 ${WIDTH} ${height}`}
      >
        {Array.from({ length: MARKS + 1 }, (_, at) => from + (span * at) / MARKS).map((ms, at) => (
          <g key={ms}>
            <path class="grid-line" d={`M${x(ms)} ${HEAD}V${height}`} />
            <text x={x(ms)} y={14} text-anchor={at === 0 ? "start" : at === MARKS ? "end" : "middle"}>
              {whenText(ms, to)}
            </text>
          </g>
        ))}
        <text x={0} y={HEAD + ROW / 2 + 4}>
          Play
        </text>
        {bars(play, 0, "bar-play")}
        {bars(pauses, 0, "bar-pause")}
        {people.map(({ userId, name, spans }, at) => (
          <g key={userId}>
            <text x={0} y={HEAD + (at + 1) * ROW + ROW / 2 + 4}>
              {name.length > MAX_CHARACTERS ? `${name.slice(0, MAX_CHARACTERS)}…` : name}
            </text>
            {bars(spans, at + 1, "bar-there")}
          </g>
        ))}
      </svg>
      <figcaption class="small dim row">
        <span class="key key-there" /> there <span class="key key-play" /> live <span class="key key-pause" /> paused
      </figcaption>
    </figure>
  );
}
