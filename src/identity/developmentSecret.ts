import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { tighten } from "../files/owner-only.ts";

const FILE = "development-secret";
/** Who finds a file in the making looks again so often, so many ms apart. */
const LOOKS = 25;
const BETWEEN_LOOKS_MS = 20;
/**
 * The secret of dev login: made once per data folder, readable by its owner alone. Of processes that start together all get
 * the same one.
 * @param dataDir made if it does not exist
 * @param link hard links a file, as `linkSync`
 * @throws where the folder cannot be written, or the file holds fewer than 32 bytes
 */
export function developmentSecret(dataDir: string, link: typeof linkSync = linkSync): string {
  const file = join(dataDir, FILE);
  try {
    return read(file) ?? make(dataDir, file, link);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`the secret of dev login cannot be kept in DATA_DIR: ${message}`);
  }
}

function make(dataDir: string, file: string, link: typeof linkSync): string {
  makeFolder(dataDir);
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  const text = `${randomBytes(32).toString("base64url")}\n`;
  write(draft, text);
  try {
    // Whole from its first moment.
    link(draft, file);
  } catch (error) {
    // Any other error is one of a file system without hard links (exFAT, some shares), or comes again.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") writeWhereNone(file, text);
  } finally {
    rmSync(draft);
  }
  const kept = read(file);
  if (kept === undefined) throw new Error(`${file} was removed while it was made`);
  return kept;
}

/** Of several that try at once one writes; the others find the file, whole or in the making. */
function writeWhereNone(file: string, text: string): void {
  try {
    write(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
}

/** Undefined where there is no file. One that has no line feed yet may still be in the making. */
function read(file: string): string | undefined {
  tighten(file);
  for (let look = 1; ; look++) {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const secret = text.trim();
    if (Buffer.byteLength(secret) >= 32 && (text.endsWith("\n") || look === LOOKS)) return secret;
    if (look === LOOKS) throw new Error(`${file} holds no secret of at least 32 bytes: remove it`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN_LOOKS_MS);
  }
}
