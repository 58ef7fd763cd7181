import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "./children.ts";

/** What a command line printed, and how it ended; `code` null: by a signal. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of the program's command lines, running. */
export interface Tool {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/**
 * Starts `npm run <name>` as a process of its own, without npm.
 * @param cwd not the project's folder: a developer's .env must not reach a test
 */
export function startTool(
  name: "export" | "import",
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Tool {
  const entry = fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  endsWithUs(child);
  const printed = { stdout: "", stderr: "" };
  for (const from of ["stdout", "stderr"] as const) {
    child[from].setEncoding("utf8").on("data", (text: string) => {
      printed[from] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...printed }));
  return { child, ended };
}
