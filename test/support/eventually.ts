/**
 * Waits until `probe` answers something other than `undefined` or `false`, and returns that. A real server is the point of
 * these tests, so this waits in real time, a few milliseconds at a look.
 * @throws after `withinMs`, naming `what` was awaited and the last error of the probe, if it threw
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 2_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let thrown: unknown;
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      thrown = error;
    }
    if (Date.now() > deadline) throw new Error(`in ${withinMs} ms not: ${what}`, { cause: thrown });
    await pause(8);
  }
}

/** Real time passing, for what only time brings about. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Holds `check` true all the time that it is watched: for what must not happen. */
export async function throughout(what: string, ms: number, check: () => boolean): Promise<void> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (!check()) throw new Error(`no longer: ${what}`);
    await pause(8);
  }
}
