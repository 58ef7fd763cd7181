import { useSignal } from "@preact/signals";
import { EditorForm, type EditorProps } from "./editor.tsx";

export function FlagEditor({ value, onSave, onClose }: EditorProps<boolean>) {
  const flag = useSignal(value);
  return (
    <EditorForm onSubmit={() => onSave(flag.value)} onClose={onClose}>
      <label class="beside">
        <input type="checkbox" checked={flag} onChange={(event) => (flag.value = event.currentTarget.checked)} />
        Yes
      </label>
    </EditorForm>
  );
}
