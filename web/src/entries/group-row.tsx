import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";
import { ReadersMark } from "./readers-mark.tsx";
import type { RowPlace } from "./row-place.ts";
import type { Row } from "./rows.ts";
import { Cell, TreeRow } from "./tree-parts.tsx";

const WHAT: Readonly<Record<string, string>> = {
  shared: "everybody's",
  players: "each player's own, for all to see",
  private: "between one person and the GMs",
  table: "the server's, for all to see",
  gm: "for GMs alone",
};

export interface GroupRowProps {
  readonly seat: Seat;
  readonly row: Row;
  readonly group: NonNullable<Row["group"]>;
  readonly place: RowPlace;
  readonly onOpen: () => void;
}

export function GroupRow({ seat, row, group, place, onOpen }: GroupRowProps) {
  const owner = row.depth === 1 && (row.above === "players/" || row.above === "private/");
  const name = owner ? seat.table.state.participants.get(row.name)?.name : undefined;
  return (
    <TreeRow place={place} depth={row.depth} kind={row.depth === 0 ? "group namespace" : "group"}>
      <Cell kind="name">
        <button
          type="button"
          class="plain row-button"
          aria-expanded={group.isOpen}
          data-at={place.isAt}
          tabIndex={place.isAt ? 0 : -1}
          onClick={onOpen}
        >
          <Icon name={group.isOpen ? "down" : "right"} />
          <bdi>{row.name}</bdi>
          {name !== undefined && (
            <span class="dim">
              <bdi>{name}</bdi>
            </span>
          )}
        </button>
      </Cell>
      <Cell kind="value dim small">{row.depth === 0 ? WHAT[row.name] : ""}</Cell>
      <Cell kind="by small dim">{group.size}</Cell>
      <Cell kind="acts">{row.depth === 0 && <ReadersMark seat={seat} path={`${row.path}/`} />}</Cell>
    </TreeRow>
  );
}
