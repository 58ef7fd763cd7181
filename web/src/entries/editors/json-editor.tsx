import { useSignal } from "@preact/signals";
import { parseJson } from "../values.ts";
import { EditorForm, type EditorProps } from "./editor.tsx";

export function JsonEditor({ value, onTyping, onSave, onClose }: EditorProps) {
  const text = useSignal(JSON.stringify(value, null, 2));
  const wrong = useSignal<string | undefined>(undefined);
  const submit = () => {
    const parsed = parseJson(text.value);
    if ("wrong" in parsed) wrong.value = parsed.wrong;
    else onSave(parsed.value);
  };
  return (
    <EditorForm onSubmit={submit} onClose={onClose}>
      <label>
        JSON
        <textarea
          class="code"
          rows={10}
          spellcheck={false}
          aria-invalid={wrong.value !== undefined}
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            wrong.value = undefined;
            onTyping();
          }}
        />
      </label>
      {wrong.value !== undefined && (
        <p class="said" role="alert">
          {wrong.value}
        </p>
      )}
    </EditorForm>
  );
}
