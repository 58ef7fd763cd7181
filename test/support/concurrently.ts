/**
 * Runs scenarios that mostly wait for real time to pass all at once, and still gives each a test of its own: `before` starts
 * them, each `it` waits for its own. A scenario gets nothing shared but what `before` hooks of the same suite made earlier.
 */
export function concurrently(scenarios: Readonly<Record<string, () => Promise<void>>>): void {
  const running = new Map<string, Promise<void>>();

  before("start them all", () => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      const run = scenario();
      // the test that waits for it reports the failure; until then it is not an unhandled one
      run.catch(() => undefined);
      running.set(title, run);
    }
  });

  for (const title of Object.keys(scenarios)) it(title, async () => await running.get(title));
}
