import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Compiles `test/support/<name>.c` into a folder, to be named by `LD_PRELOAD`.
 * @returns the library, or why there is none where this system cannot (an error in CI)
 */
export function preloaded(name: string, folder: string): { readonly library: string } | { readonly missing: string } {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const library = join(folder, `${name}.so`);
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], { stdio: "pipe" });
    return { library };
  } catch (error) {
    if (process.env.CI === "true") throw error;
    return { missing: `needs Linux and a C compiler: ${(error as Error).message.split("\n")[0]}` };
  }
}
