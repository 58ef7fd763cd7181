import { NameOf } from "../people/name-of.tsx";
import type { Seat } from "../table/seat.ts";
import "./conflict.css";

/** Two have changed the same: both values side by side, until one of them is taken. The oldest conflict comes first. */
export function ConflictRegion({ seat }: { readonly seat: Seat }) {
  const [conflict, ...others] = seat.conflicts.value;
  if (conflict === undefined) return null;
  const { path, mine, theirs } = conflict;
  const by = seat.table.entry(theirs[0]?.path ?? path)?.by;
  return (
    <section class="panel conflict" aria-label="Conflict">
      <p role="alert">
        <b>Conflict</b> at <code>{path}</code>: it was changed {by !== undefined && "by "}
        {by !== undefined && <NameOf seat={seat} userId={by} />} while you were changing it.
        {others.length > 0 && ` (${others.length} more after this one)`}
      </p>
      <div class="sides">
        <figure>
          <figcaption>Mine</figcaption>
          <pre dir="auto">{JSON.stringify(mine, null, 2)}</pre>
          <button type="button" class="main" onClick={() => seat.resolve(conflict, true)}>
            Keep mine
          </button>
        </figure>
        <figure>
          <figcaption>Theirs</figcaption>
          <pre dir="auto">
            {theirs.map((one) => `${one.path === path ? "" : `${one.path}: `}${one.value ?? "nothing"}`).join("\n")}
          </pre>
          <button type="button" onClick={() => seat.resolve(conflict, false)}>
            Take theirs
          </button>
        </figure>
      </div>
    </section>
  );
}
