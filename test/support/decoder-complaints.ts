// The SDK's decoder throws at nothing: what it cannot make sense of it tells the console, and goes on with a wrong copy.
const COMPLAINT = /refId|@colyseus\/schema|report this issue|decode\.|Decod(er|ing)/;

/** What decoders said of frames that they could not make sense of, in this process, since `watch`. */
export class DecoderComplaints {
  readonly lines: string[] = [];
  readonly #restore: () => void;

  private constructor() {
    const { warn, error } = console;
    const listen = (print: typeof warn) => {
      return (...line: unknown[]): void => {
        const said = line.map(String).join(" ");
        if (COMPLAINT.test(said)) this.lines.push(said);
        else print(...line);
      };
    };
    console.warn = listen(warn);
    console.error = listen(error);
    this.#restore = () => {
      console.warn = warn;
      console.error = error;
    };
  }

  /** Listens to the console until `stop`. An error that a callback threw is none of these, and is printed. */
  static watch(): DecoderComplaints {
    return new DecoderComplaints();
  }

  stop(): void {
    this.#restore();
  }
}
