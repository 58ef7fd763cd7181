import { poissonGapMs } from "./random.ts";
import type { Table } from "./table.ts";

const AWAY_MS = 500;

/**
 * People come and go: `perSecond` of all the players at `tables`, at random, every other one with a goodbye. Returns how to
 * stop it, which resolves when all who went are asked back in.
 */
export function coming(tables: readonly Table[], perSecond: number, random: () => number): () => Promise<unknown> {
  const returns = new Set<Promise<void>>();
  const away = new Set<string>();
  let goodbye = false;
  let timer: NodeJS.Timeout | undefined;

  const one = () => {
    const table = tables[Math.floor(random() * tables.length)];
    const index = Math.floor(random() * (table?.players.length ?? 0));
    const who = `${table?.sessionId} ${index}`;
    if (table !== undefined && !away.has(who)) {
      goodbye = !goodbye;
      away.add(who);
      const trip = table.comeAndGo(index, goodbye, AWAY_MS).finally(() => away.delete(who));
      returns.add(trip);
      trip.finally(() => returns.delete(trip)).catch(() => {});
    }
    timer = setTimeout(one, poissonGapMs(random, perSecond));
  };
  if (perSecond > 0 && tables.length > 0) timer = setTimeout(one, poissonGapMs(random, perSecond));

  return () => {
    clearTimeout(timer);
    return Promise.all(returns);
  };
}
