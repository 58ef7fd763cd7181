/** What is stored cannot be opened, for a reason that the operator can act on: the message says it all. */
export class CannotOpenData extends Error {
  override readonly name = "CannotOpenData";

  constructor(message: string) {
    super(message);
    // A stack would only bury the sentence that helps.
    this.stack = `${this.name}: ${message}`;
  }
}
