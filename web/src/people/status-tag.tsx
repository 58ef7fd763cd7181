import type { Status } from "../api/shapes.ts";
import { Icon, type IconName } from "../widgets/icon.tsx";
import { statusWord } from "./words.ts";

const LOOKS: Readonly<Record<Status, readonly [kind: string, icon: IconName]>> = {
  created: ["", "wait"],
  live: ["good", "play"],
  paused: ["wait", "pause"],
  ended: ["", "check"],
};

/** A session's status, by word, shape and colour. */
export function StatusTag({ status }: { readonly status: Status }) {
  const [kind, icon] = LOOKS[status];
  return (
    <span class={`tag ${kind}`}>
      <Icon name={icon} />
      {statusWord(status)}
    </span>
  );
}
