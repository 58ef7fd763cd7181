import { useSignal } from "@preact/signals";
import { ask } from "../api/ask.ts";
import { comparePaths } from "../entries/path-order.ts";
import { shownValue } from "../entries/values.ts";
import { Failure, useAct } from "../widgets/act.tsx";

type Values = Readonly<Record<string, { readonly value: string }>>;

const SHOWN = 500;

/** The table as it was left: asked for only when somebody wants to see it, and kept nowhere. */
export function LastEntries({ file }: { readonly file: { path(rest: string): string } }) {
  const act = useAct();
  const entries = useSignal<readonly (readonly [path: string, value: string])[] | undefined>(undefined);
  const show = () =>
    act.run(async () => {
      const state = await ask<{ entries: Values; hidden: Values }>("GET", file.path("state"));
      const all = [...Object.entries(state.entries), ...Object.entries(state.hidden)];
      entries.value = all
        .map(([path, { value }]) => [path, value] as const)
        .sort(([one], [other]) => comparePaths(one, other));
    });
  if (entries.value === undefined) {
    return (
      <>
        <button type="button" disabled={act.busy.value} onClick={show}>
          Show the table as it was left
        </button>
        <Failure of={act} />
      </>
    );
  }
  return (
    <div class="scrolling">
      <table class="plain-table" aria-label="Entries">
        <tbody>
          {entries.value.slice(0, SHOWN).map(([path, value]) => (
            <tr key={path}>
              <th scope="row" class="code">
                {path}
              </th>
              <td dir="auto">{shownValue(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {entries.value.length > SHOWN && <p class="dim">and {entries.value.length - SHOWN} more</p>}
    </div>
  );
}
