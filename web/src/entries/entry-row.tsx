import { NameOf } from "../people/name-of.tsx";
import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";
import { ReadersMark } from "./readers-mark.tsx";
import { Reveal } from "./reveal.tsx";
import { mayWrite } from "./rights.ts";
import type { RowPlace } from "./row-place.ts";
import type { Row } from "./rows.ts";
import { Cell, TreeRow } from "./tree-parts.tsx";
import { shownValue } from "./values.ts";

/** How long a change is pointed at; the style's animation takes as long. */
const FRESH_MS = 1600;

export interface EntryRowProps {
  readonly seat: Seat;
  readonly row: Row;
  readonly place: RowPlace;
  readonly onOpen: () => void;
}

export function EntryRow({ seat, row, place, onOpen }: EntryRowProps) {
  seat.beat.value;
  const { path } = row;
  const entry = seat.table.view().entry(path);
  if (entry === undefined) return null;
  const role = seat.me.value?.role ?? "spectator";
  const writes = mayWrite(role, seat.userId, path);
  const isFresh = Date.now() - (seat.changedAt.get(path) ?? 0) < FRESH_MS;
  const refusal = seat.refusals.value.get(path);
  const tabIndex = place.isAt ? 0 : -1;
  return (
    <TreeRow place={place} depth={row.depth} kind={entry.pending ? "pending" : ""}>
      <Cell kind="name">
        <button
          type="button"
          class="plain row-button"
          data-at={place.isAt}
          tabIndex={tabIndex}
          title={path}
          onClick={onOpen}
        >
          <bdi>
            <span class="unseen">{row.above}</span>
            {row.name}
          </bdi>
        </button>
      </Cell>
      <Cell key={entry.version} kind={isFresh ? "value fresh" : "value"}>
        <bdi class={entry.value.startsWith('"') ? undefined : "code"}>{shownValue(entry.value)}</bdi>
      </Cell>
      <Cell kind="by small dim">{entry.pending ? "not saved yet" : <NameOf seat={seat} userId={entry.by} />}</Cell>
      <Cell kind="acts">
        {refusal !== undefined && (
          <span class="row-refusal" role="alert">
            {refusal}
            <button type="button" class="plain square small" aria-label="Dismiss" onClick={() => seat.dismiss(path)}>
              <Icon name="close" />
            </button>
          </span>
        )}
        {writes && /^-?\d/.test(entry.value) && <Steps seat={seat} path={path} tabIndex={tabIndex} />}
        <ReadersMark seat={seat} path={path} />
        {role === "gm" && path.startsWith("gm/") && <Reveal seat={seat} path={path} tabIndex={tabIndex} />}
      </Cell>
    </TreeRow>
  );
}

interface StepsProps {
  readonly seat: Seat;
  readonly path: string;
  readonly tabIndex: number;
}

/** A number goes up and down by taps that never conflict. */
function Steps({ seat, path, tabIndex }: StepsProps) {
  const step = (by: number) => seat.send(path, "increment", { path, by });
  return (
    <span class="steps">
      <button
        type="button"
        class="square small"
        tabIndex={tabIndex}
        aria-label={`One less: ${path}`}
        onClick={() => step(-1)}
      >
        <Icon name="minus" />
      </button>
      <button
        type="button"
        class="square small"
        tabIndex={tabIndex}
        aria-label={`One more: ${path}`}
        onClick={() => step(1)}
      >
        <Icon name="add" />
      </button>
    </span>
  );
}
