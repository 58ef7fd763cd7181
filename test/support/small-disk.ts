import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of a few MB that can be filled: a tmpfs of the tests' own. */
export class SmallDisk {
  readonly path: string;
  readonly #fill: string;

  private constructor(path: string) {
    this.path = path;
    this.#fill = join(path, "fill");
  }

  /** @returns why there is none, where this system mounts nothing for us */
  static mount(megabytes: number): SmallDisk | string {
    const folder = mkdtempSync(join(tmpdir(), "small-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "pipe" });
      return new SmallDisk(folder);
    } catch (error) {
      rmSync(folder, { recursive: true });
      return `a small tmpfs needs root and the right to mount: ${(error as Error).message.split("\n")[0]}`;
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Another file takes what is free, but for so much. */
  fill(leftBytes = 0): void {
    const file = openSync(this.#fill, "a");
    try {
      for (let left = this.freeBytes - leftBytes; left > 0; left = this.freeBytes - leftBytes) {
        writeSync(file, Buffer.alloc(Math.min(left, 65_536)));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
  }

  /** That file goes. */
  free(): void {
    rmSync(this.#fill, { force: true });
  }

  /** Tries to make the mounted disk read-only, or writable again. @returns what the system says against it */
  remount(how: "ro" | "rw"): string | undefined {
    try {
      execFileSync("mount", ["-o", `remount,${how}`, this.path], { stdio: "pipe" });
      return undefined;
    } catch (error) {
      return (error as { stderr?: Buffer }).stderr?.toString().trim() ?? String(error);
    }
  }

  /** To be called when nobody uses it any more. */
  dispose(): void {
    execFileSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true });
  }
}
