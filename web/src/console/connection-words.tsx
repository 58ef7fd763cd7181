import type { ConnectionInfo } from "../../../clients/js/src/index.ts";
import { Time } from "../widgets/time.tsx";

/** A line that takes longer is one that people notice. */
const SLOW_MS = 250;

/** What a GM sees of somebody's connections. */
export function ConnectionWords({ of }: { readonly of: ConnectionInfo | undefined }) {
  if (of === undefined) return null;
  const { connections, streams, latencyMs, reconnects, droppedAt, client } = of;
  return (
    <span class="small dim connection">
      {connections > 0 && (
        <span class={latencyMs > SLOW_MS ? "tag bad" : "tag"}>{latencyMs < 0 ? "measuring" : `${latencyMs} ms`}</span>
      )}
      <span>{count(connections, "device")}</span>
      {streams > 0 && <span>{count(streams, "stream")}</span>}
      {client !== "" && <bdi>{client}</bdi>}
      {reconnects > 0 && <span>{count(reconnects, "return")}</span>}
      {droppedAt > 0 && (
        <span>
          dropped <Time at={droppedAt} />
        </span>
      )}
    </span>
  );
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
