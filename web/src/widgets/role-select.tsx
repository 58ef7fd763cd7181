import { useId } from "preact/hooks";
import type { Role } from "../api/shapes.ts";
import { roleWord } from "../people/words.ts";

export interface RoleSelectProps {
  /** its name: unseen where there is no room for it */
  readonly name: string;
  readonly value: Role;
  readonly roles?: readonly Role[];
  /** without its name, for rows that tell whose it is */
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly onPick: (role: Role) => void;
}

const ALL: readonly Role[] = ["gm", "player", "spectator"];

export function RoleSelect({ name, value, roles = ALL, small = false, disabled = false, onPick }: RoleSelectProps) {
  const id = useId();
  const select = (
    <select
      id={id}
      class={small ? "small" : undefined}
      aria-label={small ? name : undefined}
      value={value}
      disabled={disabled}
      onChange={(event) => onPick(event.currentTarget.value as Role)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {roleWord(role)}
        </option>
      ))}
    </select>
  );
  if (small) return select;
  return (
    <div class="label">
      <label for={id}>{name}</label>
      {select}
    </div>
  );
}
