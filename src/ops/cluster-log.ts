import type { ClusterEvents } from "../cluster/cluster.ts";
import { faultOf, type Logger } from "./log.ts";

/** What happens between the processes, as lines of the log. */
export function clusterLog(log: Logger): ClusterEvents {
  return {
    lives: (process) => log.info({ process }, "another process is there"),
    died: (process) => log.warn({ process }, "another process is gone"),
    takenOver: (from, sessions, milliseconds) =>
      log.info({ from, sessions, ms: Math.round(milliseconds) }, "took over"),
    lost: (session) => log.warn({ session }, "opened by another process meanwhile"),
    handedOver: (session, to, milliseconds) => log.info({ session, to, ms: Math.round(milliseconds) }, "handed over"),
    saved: (session) => log.info({ session }, "saved, to be opened by the next who asks"),
    failed: (what, error, session) => log.warn({ what, session, ...faultOf(error) }, "cluster: to be tried again"),
  };
}
