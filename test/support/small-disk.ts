import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that holds no more than so much: a file system of its own, in memory. Linux, and root alone may make one. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined where this machine or this user cannot */
  static mount(mebibytes: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), "small-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path], { stdio: "ignore" });
      return new SmallDisk(path);
    } catch {
      rmSync(path, { recursive: true });
      return undefined;
    }
  }

  dispose(): void {
    execFileSync("umount", [this.path]);
    rmSync(this.path, { recursive: true });
  }
}
