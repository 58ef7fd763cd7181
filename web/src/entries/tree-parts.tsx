import type { ComponentChildren } from "preact";
import type { RowPlace } from "./row-place.ts";

// Rows stand each in its own place, so that only those in sight need be in the page. A `tr` cannot do that and keep its role
// in every browser; hence elements without a meaning that are told what they are.

export interface TreeRowProps {
  readonly place: RowPlace;
  readonly depth: number;
  readonly kind: string;
  readonly children: ComponentChildren;
}

export function TreeRow({ place, depth, kind, children }: TreeRowProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see above; what has the focus is the row's button
    <div
      role="row"
      aria-rowindex={place.index + 1}
      class={`tree-row ${kind}`}
      style={{ top: `${place.top}px`, "--depth": depth }}
    >
      {children}
    </div>
  );
}

export interface CellProps {
  readonly kind: string;
  readonly children?: ComponentChildren;
}

export function Cell({ kind, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div role="cell" class={`cell ${kind}`}>
      {children}
    </div>
  );
}
