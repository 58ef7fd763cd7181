import { fileURLToPath } from "node:url";
import { launch } from "../loadtest/launch.ts";
import { type Size, slowAt } from "../loadtest/stage.ts";
import type { TablePlan } from "../loadtest/table.ts";
import { ownTarget, type Target } from "../loadtest/target.ts";
import type { Contenders } from "./rounds.ts";

const BARE_SCRIPT = fileURLToPath(new URL("bare-server.ts", import.meta.url));

/** What a bench can be run on: ours, and a bare Colyseus room in two ways of sending patches. */
export const CONTENDERS: Contenders = {
  ours: () => ownTarget(),
  "bare, a patch every 50 ms": () => bareTarget({ PATCHES: "interval" }),
  "bare, a patch per action": () => bareTarget({ PATCHES: "action" }),
};

/** A bare Colyseus server in a process of its own: it knows no people and no campaigns, so there is nothing to stage. */
export async function bareTarget(env: Readonly<Record<string, string>>): Promise<Target> {
  const server = await launch(BARE_SCRIPT, env, "/__healthcheck");
  const anyone = (userId: string) => ({ userId, token: "none" });
  return {
    endpoints: [server.endpoint],
    pids: [server.pid],
    keepsContract: false,
    stage: async (size: Size): Promise<TablePlan[]> =>
      Array.from({ length: size.sessions }, (_, table) => ({
        sessionId: `table-${table}`,
        gm: anyone("gm"),
        players: Array.from({ length: size.players }, (_, seat) => anyone(`player-${seat}`)),
        slow: Array.from({ length: slowAt(table, size) }, (_, seat) => anyone(`slow-${seat}`)),
      })),
    stop: () => server.stop(),
  };
}
