import { tmpdir } from "node:os";
import { runTool } from "./tool.ts";

export interface DoctorsWord {
  readonly code: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs the command line `npm run doctor -- …args` in a process of its own. @param env beside the path, nothing else */
export async function runDoctor(env: Readonly<Record<string, string>>, ...args: string[]): Promise<DoctorsWord> {
  const { code, stdout, stderr } = await runTool("doctor", args, { cwd: tmpdir(), env });
  return { code: code ?? -1, lines: stdout.split("\n").filter((line) => line !== ""), stderr };
}
