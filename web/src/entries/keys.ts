import type { Row } from "./rows.ts";

export interface Step {
  /** the row to go to */
  readonly to: number;
  /** instead of going: opens or closes the group at hand */
  readonly toggle?: boolean;
}

/**
 * What a key does in the tree: up and down, to the ends, a page on; left and right close and open a group, and go to
 * what is above and below.
 * @param page rows in sight
 */
export function steps(key: string, rows: readonly Row[], at: number, page: number): Step | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  switch (key) {
    case "ArrowDown":
      return { to: at + 1 };
    case "ArrowUp":
      return { to: at - 1 };
    case "Home":
      return { to: 0 };
    case "End":
      return { to: rows.length - 1 };
    case "PageDown":
      return { to: at + Math.max(1, page - 1) };
    case "PageUp":
      return { to: at - Math.max(1, page - 1) };
    case "ArrowRight":
      if (row.group === undefined) return undefined;
      return row.group.isOpen ? { to: at + 1 } : { to: at, toggle: true };
    case "ArrowLeft": {
      if (row.group?.isOpen) return { to: at, toggle: false };
      const above = rows.findLastIndex((other, index) => index < at && other.depth === row.depth - 1);
      return above < 0 ? undefined : { to: above };
    }
    default:
      return undefined;
  }
}
