import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const DOCTOR = fileURLToPath(new URL("../../src/doctor.ts", import.meta.url));

export interface DoctorsWord {
  readonly code: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs the command line `npm run doctor -- …args` in a process of its own. @param env beside the path, nothing else */
export function runDoctor(env: Readonly<Record<string, string>>, ...args: string[]): Promise<DoctorsWord> {
  // Not the project's folder: a developer's .env must not reach a test.
  const options = { cwd: tmpdir(), env: { PATH: process.env.PATH ?? "", ...env }, timeout: 30_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [DOCTOR, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, lines: stdout.split("\n").filter((line) => line !== ""), stderr });
    });
  });
}
