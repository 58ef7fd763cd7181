import type { ComponentChildren } from "preact";
import type { Json } from "../../../../clients/js/src/index.ts";

export interface EditorProps<Value extends Json = Json> {
  /** what it was when the editing began */
  readonly value: Value;
  readonly onTyping: () => void;
  readonly onSave: (value: Json) => void;
  readonly onClose: () => void;
}

export interface EditorFormProps {
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** What every editor has: a field, and the two ways out of it. */
export function EditorForm({ onSubmit, onClose, children }: EditorFormProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit}>
      {children}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="main">
          Save
        </button>
      </div>
    </form>
  );
}
