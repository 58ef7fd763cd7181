/** The printed page: who did or saw what, in plain words, with the time since the curtain rose. */

const NAME_WIDTH = 8;
const raisedAt = performance.now();

/** A heading. */
export function scene(title: string): void {
  console.log(`\n${title}`);
}

/** One line: something that a person did, saw or was told. */
export function line(who: string, what: string): void {
  const seconds = ((performance.now() - raisedAt) / 1_000).toFixed(1).padStart(5);
  console.log(`  ${seconds} s  ${who.padEnd(NAME_WIDTH)} ${what}`);
}

/**
 * Something has to be so for the evening to go on.
 * @throws Surprise if it is not
 */
export function expected(what: string, isSo: boolean): asserts isSo {
  if (!isSo) throw new Surprise(`it is not so that ${what}`);
}

/** What should not have happened; the demo ends with it, and with exit code 1. */
export class Surprise extends Error {
  override readonly name = "Surprise";
}
