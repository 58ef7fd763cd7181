import type { Seat } from "../table/seat.ts";

export interface RevealProps {
  readonly seat: Seat;
  readonly path: string;
  readonly tabIndex?: number;
}

/** Moves what GMs alone see to where everybody sees it: `gm/x` becomes `shared/x`. */
export function Reveal({ seat, path, tabIndex = 0 }: RevealProps) {
  const to = `shared/${path.slice("gm/".length)}`;
  return (
    <button
      type="button"
      class="small"
      tabIndex={tabIndex}
      aria-label={`Reveal ${path}`}
      title={`Everybody will see it, as ${to}`}
      onClick={() => seat.send(path, "move", { from: path, to })}
    >
      Reveal
    </button>
  );
}
