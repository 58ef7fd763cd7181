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

/** The program's command lines. */
export type ToolName = "doctor" | "export" | "import" | "token";

/** One of them, running. */
export interface Tool {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Where one runs, and with which environment beside the path. */
export interface ToolPlace {
  /** not the project's folder: a developer's .env must not reach a test */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts `npm run <name>` as a process of its own, without npm.
 */
export function startTool(name: ToolName, args: readonly string[], { cwd, env }: ToolPlace): Tool {
  const entry = fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
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

/** The same, to its end. */
export function runTool(name: ToolName, args: readonly string[], place: ToolPlace): Promise<Ended> {
  return startTool(name, args, place).ended;
}
