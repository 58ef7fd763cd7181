import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Seat } from "../table/seat.ts";
import { EntryDialog } from "./entry-dialog.tsx";
import { EntryRow } from "./entry-row.tsx";
import { GroupRow } from "./group-row.tsx";
import { steps } from "./keys.ts";
import type { Row } from "./rows.ts";
import { SetForm } from "./set-form.tsx";
import { Shelf } from "./shelf.ts";
import { useViewport } from "./viewport.ts";
import "./entries.css";

const ROW_REM = 2.75;

/** Everything on the table that one may see, as a tree that changes live. Only the rows in sight are in the page. */
export function Entries({ seat, writes }: { readonly seat: Seat; readonly writes: boolean }) {
  const shelf = useMemo(() => new Shelf(seat), [seat]);
  const opened = useSignal<string | undefined>(undefined);
  const viewport = useViewport(ROW_REM);
  const rows = shelf.rows.value;
  const found = rows.findIndex(({ path }) => path === shelf.at.value);
  const at = found < 0 ? 0 : found;
  const shown = rows.map((row, index) => ({ row, index })).slice(viewport.first.value, viewport.end.value);
  // The row that has the focus keeps it when it is scrolled out of sight.
  if (found >= 0 && !shown.some(({ index }) => index === found)) shown.push({ row: rows[found]!, index: found });

  const open = (row: Row) => {
    shelf.at.value = row.path;
    if (row.group === undefined) opened.value = row.path;
    else shelf.toggle(row.path);
  };
  const goesTo = useRef<string | undefined>(undefined);
  const goTo = (index: number) => {
    const row = shelf.rows.value[Math.min(Math.max(index, 0), shelf.rows.value.length - 1)];
    if (row === undefined || row.path === shelf.at.value) return;
    goesTo.current = row.path;
    shelf.at.value = row.path;
    viewport.show(shelf.rows.value.indexOf(row));
  };
  // As soon as the row is in the page, and not a frame later: by then fast fingers may have gone on from it with Tab.
  useLayoutEffect(() => {
    if (goesTo.current === undefined || goesTo.current !== rows[at]?.path) return;
    goesTo.current = undefined;
    viewport.frame.current?.querySelector<HTMLElement>('[data-at="true"]')?.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent) => {
    // As it is now, not as it was drawn: fast fingers press the next key before the next frame.
    const now = shelf.rows.value;
    const here = Math.max(
      0,
      now.findIndex(({ path }) => path === shelf.at.value),
    );
    const row = now[here];
    if (row === undefined) return;
    if (event.key === "Enter" && event.target instanceof Element && event.target.matches("[data-at]")) {
      event.preventDefault();
      open(row);
      return;
    }
    const step = steps(event.key, now, here, Math.floor((viewport.frame.current?.clientHeight ?? 0) / viewport.rowPx));
    if (step === undefined) return;
    event.preventDefault();
    if (step.toggle !== undefined) shelf.toggle(row.path, step.toggle);
    else goTo(step.to);
  };

  return (
    <section class="panel entries" aria-label="What is on the table">
      <div class="row spread">
        <div class="row">
          <h2>Entries</h2>
          <span class="tag">{shelf.size.value}</span>
        </div>
        {shelf.size.value > 12 && (
          <input
            type="search"
            class="find"
            placeholder="Find"
            aria-label="Find"
            value={shelf.find}
            onInput={(event) => (shelf.find.value = event.currentTarget.value)}
          />
        )}
      </div>
      {rows.length === 0 && (
        <p class="dim">{shelf.find.value === "" ? "Nothing is on the table yet." : "Nothing of that name."}</p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: tree-parts.tsx says why */}
      <div
        class="tree"
        ref={viewport.frame}
        role="table"
        aria-label="Entries"
        aria-rowcount={rows.length}
        onKeyDown={onKeyDown}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: tree-parts.tsx says why */}
        <div role="rowgroup" class="tree-rows" style={{ height: `${rows.length * viewport.rowPx}px` }}>
          {shown.map(({ row, index }) => {
            const place = { index, top: index * viewport.rowPx, isAt: index === at };
            return row.group === undefined ? (
              <EntryRow key={row.path} seat={seat} row={row} place={place} onOpen={() => open(row)} />
            ) : (
              <GroupRow key={row.path} seat={seat} row={row} group={row.group} place={place} onOpen={() => open(row)} />
            );
          })}
        </div>
      </div>
      {writes && <SetForm seat={seat} />}
      {opened.value !== undefined && (
        <EntryDialog key={opened.value} seat={seat} path={opened.value} onClose={() => (opened.value = undefined)} />
      )}
    </section>
  );
}
