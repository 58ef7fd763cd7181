import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "development-secret";

/**
 * The secret of dev login: made once per data folder, readable by its owner alone.
 * It is linked into place whole, so that of two processes that start together both read the same one.
 * @param dataDir made if it does not exist
 * @throws where the folder cannot be written, or the file holds fewer than 32 bytes
 */
export function developmentSecret(dataDir: string): string {
  const file = join(dataDir, FILE);
  const kept = read(file);
  if (kept !== undefined) return kept;
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return read(file) ?? developmentSecret(dataDir);
}

function read(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (Buffer.byteLength(text) < 32) throw new Error(`${file} holds no secret of at least 32 bytes: remove it`);
  return text;
}
