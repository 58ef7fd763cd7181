import { keepForOwner } from "../files/owner-only.ts";

/** How a command ends where it could not do what it was asked, and what it says of an error. */
export interface Failing {
  readonly exitCode?: number;
  readonly tell?: (error: Error) => string;
}

/**
 * Runs a command with the arguments of this process: what it makes is its owner's alone, an error is a sentence and no stack.
 * Exit codes: the number that it resolves to, else 0; `exitCode` (1) where it rejects, or where what it printed was lost on a
 * full disk. A reader that has read enough is no error.
 */
export async function runCommand(
  command: (args: string[]) => Promise<unknown>,
  { exitCode = 1, tell = ({ message }) => message }: Failing = {},
): Promise<void> {
  keepForOwner();
  let lost: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") lost = error;
  });
  process.stderr.on("error", () => {});
  let code: number;
  try {
    const result = await command(process.argv.slice(2));
    code = typeof result === "number" ? result : 0;
  } catch (error) {
    process.stderr.write(`${tell(error instanceof Error ? error : new Error(String(error)))}\n`);
    code = exitCode;
  }
  // What went wrong with the last of it is told only after this turn.
  await new Promise((resolve) => process.stdout.write("", resolve));
  if (lost !== undefined) process.stderr.write(`standard output cannot be written: ${lost.code}\n`);
  process.exitCode = lost === undefined ? code : exitCode;
}
