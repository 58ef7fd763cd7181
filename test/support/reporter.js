import Mocha from "mocha";

/** Mocha's own `spec` reporter, with one closing line `N passed, N failed` for CI and for people in a hurry. */
export default class ClosingLine extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
  }
}
