import { useSignal } from "@preact/signals";
import { Icon } from "../../widgets/icon.tsx";
import { EditorForm, type EditorProps } from "./editor.tsx";

export function NumberEditor({ value, onTyping, onSave, onClose }: EditorProps<number>) {
  const number = useSignal(value);
  const step = (by: number) => {
    number.value = (Number.isFinite(number.value) ? number.value : 0) + by;
    onTyping();
  };
  return (
    <EditorForm onSubmit={() => onSave(number.value)} onClose={onClose}>
      <div class="stepper">
        <button type="button" class="square" aria-label="One less" onClick={() => step(-1)}>
          <Icon name="minus" />
        </button>
        <input
          type="number"
          step="any"
          required
          aria-label="Number"
          value={number}
          onInput={(event) => {
            number.value = event.currentTarget.valueAsNumber;
            onTyping();
          }}
        />
        <button type="button" class="square" aria-label="One more" onClick={() => step(1)}>
          <Icon name="add" />
        </button>
      </div>
    </EditorForm>
  );
}
