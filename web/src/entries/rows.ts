/** A line of the tree. */
export interface Row {
  readonly path: string;
  /** 0 for a namespace */
  readonly depth: number;
  /** what is above it, with a slash at its end; empty for a namespace */
  readonly above: string;
  readonly name: string;
  /** for what has others below it: whether they are shown, and how many entries there are */
  readonly group?: { readonly isOpen: boolean; readonly size: number };
}

/**
 * The tree as lines: each entry, and before the first one of a group the group.
 * @param sorted paths in order
 * @param closed paths of groups whose lines are not wanted
 * @param find where given, only entries whose path has that text in it, all groups open
 */
export function rowsOf(sorted: readonly string[], closed: ReadonlySet<string>, find = ""): Row[] {
  const wanted = find.trim().toLowerCase();
  const paths = wanted === "" ? sorted : sorted.filter((path) => path.toLowerCase().includes(wanted));
  const sizes = sizesOf(paths);
  const rows: Row[] = [];
  let open: string[] = [];
  /** the depth below which everything belongs to a closed group; Infinity: none */
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const path of paths) {
    const segments = path.split("/");
    let same = 0;
    while (same < open.length && same < segments.length - 1 && open[same] === segments[same]) same++;
    if (same < hiddenBelow) hiddenBelow = Number.POSITIVE_INFINITY;
    for (let depth = same; depth < segments.length - 1 && depth < hiddenBelow; depth++) {
      const group = segments.slice(0, depth + 1).join("/");
      const isOpen = wanted !== "" || !closed.has(group);
      rows.push(row(group, depth, { isOpen, size: sizes.get(group) ?? 0 }));
      if (!isOpen) hiddenBelow = depth + 1;
    }
    open = segments.slice(0, -1);
    if (segments.length - 1 < hiddenBelow) rows.push(row(path, segments.length - 1));
  }
  return rows;
}

function row(path: string, depth: number, group?: Row["group"]): Row {
  const cut = path.lastIndexOf("/") + 1;
  const line = { path, depth, above: path.slice(0, cut), name: path.slice(cut) };
  return group === undefined ? line : { ...line, group };
}

function sizesOf(paths: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const path of paths) {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
      const group = path.slice(0, end);
      sizes.set(group, (sizes.get(group) ?? 0) + 1);
    }
  }
  return sizes;
}
