/** An error as a plain message; `name` tells which of `ports/failures.ts` it is. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** What passes between threads of an error: never its stack. */
export function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
