import { useSignal } from "@preact/signals";
import type { Json } from "../../../../clients/js/src/index.ts";
import type { Seat } from "../../table/seat.ts";
import { valueTyped } from "../values.ts";
import { EditorForm, type EditorProps } from "./editor.tsx";

const SHOWN_ITEMS = 50;

export interface ListEditorProps extends EditorProps<readonly Json[]> {
  readonly seat: Seat;
  readonly path: string;
  readonly place: string;
}

/** A list grows at its end, without conflicts: what others append meanwhile stays. */
export function ListEditor({ value, seat, path, place, onTyping, onClose }: ListEditorProps) {
  const next = useSignal("");
  const shown = seat.table.view().get(path) ?? value;
  const items = Array.isArray(shown) ? (shown as readonly Json[]) : value;
  const submit = () => {
    if (next.value === "") return onClose();
    void seat.send(place, "append", { path, values: [valueTyped(next.value)] });
    next.value = "";
  };
  return (
    <EditorForm onSubmit={submit} onClose={onClose}>
      <ol class="items" start={Math.max(1, items.length - SHOWN_ITEMS + 1)}>
        {items.slice(-SHOWN_ITEMS).map((item, at) => (
          <li key={`${at}`} dir="auto">
            {typeof item === "string" ? item : <span class="code">{JSON.stringify(item)}</span>}
          </li>
        ))}
      </ol>
      <label>
        Append
        <input
          dir="auto"
          value={next}
          onInput={(event) => {
            next.value = event.currentTarget.value;
            onTyping();
          }}
        />
      </label>
    </EditorForm>
  );
}
