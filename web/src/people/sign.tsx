import type { Presence } from "../../../clients/js/src/index.ts";
import { colourOf, initialOf } from "./names.ts";

export interface SignProps {
  readonly userId: string;
  readonly name: string;
  readonly presence?: Presence;
}

/** A person's round sign: their initial in their colour, and their presence by shape: full, half, hollow. */
export function Sign({ userId, name, presence }: SignProps) {
  return (
    <span class={`sign colour-${colourOf(userId)}`} aria-hidden="true">
      {initialOf(name)}
      {presence !== undefined && <span class={`presence ${presence}`} />}
    </span>
  );
}
