import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/**
 * Mocha's own `spec` reporter, with one closing line `N passed, N failed` for CI and for people in a hurry. Where
 * `FAILED_FILES` names a file, the test files with a failure are listed in it, one a line.
 */
export default class ClosingLine extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const list = process.env.FAILED_FILES;
    if (list) writeFileSync(list, [...new Set(this.failures.map(({ file }) => `${file}\n`))].join(""));
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
  }
}
