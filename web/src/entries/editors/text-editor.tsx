import { useSignal } from "@preact/signals";
import { EditorForm, type EditorProps } from "./editor.tsx";

export function TextEditor({ value, onTyping, onSave, onClose }: EditorProps<string>) {
  const text = useSignal(value);
  return (
    <EditorForm onSubmit={() => onSave(text.value)} onClose={onClose}>
      <label>
        Text
        <textarea
          rows={Math.min(12, 2 + value.length / 60)}
          dir="auto"
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            onTyping();
          }}
        />
      </label>
    </EditorForm>
  );
}
