import { useSignal } from "@preact/signals";
import type { Expect } from "../../../clients/js/src/index.ts";
import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { expectNow } from "./expect-now.ts";
import { valueTyped } from "./values.ts";

const PLACE = "set-form";

/** Writes any value to any path. It expects there what stood there when the value began to be typed. */
export function SetForm({ seat }: { readonly seat: Seat }) {
  const path = useSignal("");
  const value = useSignal("");
  const expected = useSignal<Expect | undefined>(undefined);
  const begin = () => {
    expected.value ??= expectNow(seat, path.value.trim());
    seat.doing("typing");
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const at = path.value.trim();
    const expect = expected.value ?? expectNow(seat, at);
    const typed = value.value;
    value.value = "";
    expected.value = undefined;
    void seat.send(PLACE, "set", { path: at, value: valueTyped(typed) }, expect);
  };
  return (
    <form class="set-form" onSubmit={submit}>
      <label>
        Path
        <input
          class="code"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="shared/scene"
          value={path}
          onInput={(event) => {
            path.value = event.currentTarget.value;
            // The value is for another place now: what stands there counts from now.
            expected.value = value.value === "" ? undefined : expectNow(seat, path.value.trim());
          }}
        />
      </label>
      <label>
        Value
        <input
          dir="auto"
          autocomplete="off"
          placeholder="text, 12, true, [1, 2] or {…}"
          value={value}
          onInput={(event) => {
            value.value = event.currentTarget.value;
            begin();
          }}
        />
      </label>
      <button type="submit" class="main">
        Set
      </button>
      <Refusal seat={seat} place={PLACE} />
    </form>
  );
}
