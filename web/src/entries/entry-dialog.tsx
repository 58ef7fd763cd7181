import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Json } from "../../../clients/js/src/index.ts";
import { NameOf } from "../people/name-of.tsx";
import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { Dialog } from "../widgets/dialog.tsx";
import { FlagEditor } from "./editors/flag-editor.tsx";
import { JsonEditor } from "./editors/json-editor.tsx";
import { ListEditor } from "./editors/list-editor.tsx";
import { NumberEditor } from "./editors/number-editor.tsx";
import { TextEditor } from "./editors/text-editor.tsx";
import { ReadersMark } from "./readers-mark.tsx";
import { Reveal } from "./reveal.tsx";
import { mayWrite } from "./rights.ts";
import { type Kind, kindOf } from "./values.ts";
import "./entry-dialog.css";

export interface EntryDialogProps {
  readonly seat: Seat;
  readonly path: string;
  readonly onClose: () => void;
}

/** One entry by itself: all of its value, who changed it, and an editor that fits what it is. */
export function EntryDialog({ seat, path, onClose }: EntryDialogProps) {
  seat.beat.value;
  const entry = seat.table.view().entry(path);
  /** what it was when the editing began: the editor's kind and the version that is expected stay with that */
  const began = useMemo(() => seat.table.entry(path), [path]);
  const asJson = useSignal(false);
  const role = seat.me.value?.role ?? "spectator";
  const writes = mayWrite(role, seat.userId, path);
  const place = `dialog ${path}`;
  if (entry === undefined) {
    return (
      <Dialog title={path} onClose={onClose}>
        <p>It is gone.</p>
        <Buttons onClose={onClose} />
      </Dialog>
    );
  }
  const value = JSON.parse((began ?? entry).value) as Json;
  const kind = asJson.value ? "json" : kindOf(value);
  const save = (next: Json) => {
    void seat.send(place, "set", { path, value: next }, { [path]: began?.version ?? 0 });
    onClose();
  };
  const remove = () => {
    void seat.send(place, "delete", { path }, { [path]: entry.version });
    onClose();
  };
  return (
    <Dialog title={path} onClose={onClose}>
      <p class="row small dim">
        <span>
          changed by <NameOf seat={seat} userId={entry.by} />, version {entry.version}
        </span>
        <ReadersMark seat={seat} path={path} />
      </p>
      {began !== undefined && entry.version !== began.version && !entry.pending && (
        <p class="said" role="alert">
          It has been changed since you opened it. It is now: <bdi class="code">{entry.value.slice(0, 200)}</bdi>
        </p>
      )}
      {writes ? (
        <Editor
          key={kind}
          kind={kind}
          seat={seat}
          path={path}
          place={place}
          value={value}
          onSave={save}
          onClose={onClose}
        />
      ) : (
        <pre class="whole" dir="auto">
          {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
        </pre>
      )}
      <Refusal seat={seat} place={place} />
      <div class="row spread">
        <span class="row">
          {writes && kind !== "json" && (
            <button type="button" class="plain small" onClick={() => (asJson.value = true)}>
              Edit as JSON
            </button>
          )}
          {role === "gm" && path.startsWith("gm/") && <Reveal seat={seat} path={path} />}
        </span>
        {writes && (
          <button type="button" class="bad small" onClick={remove}>
            Delete
          </button>
        )}
      </div>
      {!writes && <Buttons onClose={onClose} />}
    </Dialog>
  );
}

function Buttons({ onClose }: { readonly onClose: () => void }) {
  return (
    <div class="buttons">
      <button type="button" onClick={onClose}>
        Close
      </button>
    </div>
  );
}

interface EditorProps {
  readonly kind: Kind;
  readonly seat: Seat;
  readonly path: string;
  readonly place: string;
  readonly value: Json;
  readonly onSave: (value: Json) => void;
  readonly onClose: () => void;
}

function Editor({ kind, ...rest }: EditorProps) {
  const common = { onTyping: () => rest.seat.doing("typing"), onSave: rest.onSave, onClose: rest.onClose };
  switch (kind) {
    case "number":
      return <NumberEditor value={rest.value as number} {...common} />;
    case "text":
      return <TextEditor value={rest.value as string} {...common} />;
    case "flag":
      return <FlagEditor value={rest.value as boolean} {...common} />;
    case "list":
      return (
        <ListEditor
          value={rest.value as readonly Json[]}
          seat={rest.seat}
          path={rest.path}
          place={rest.place}
          {...common}
        />
      );
    case "json":
      return <JsonEditor value={rest.value} {...common} />;
  }
}
