// Required by mocha: the pages are built before any server of any test starts, so that none of them waits for it.
import { builtPages } from "../../src/built-pages.ts";

export async function mochaGlobalSetup(): Promise<void> {
  await builtPages((what) => console.log(what));
}
