import { parseEnv } from "node:util";

/** A `.env` that cannot be what its writer meant; the message names the file, and no value. */
export class BadDotEnv extends Error {
  override readonly name = "BadDotEnv";
}

/**
 * The variables of a `.env`. Nothing of it is lost without a word: a variable that does not arrive may be the one that keeps
 * a door shut.
 * @param names variables that are missed where a line names them and does not set them
 * @throws BadDotEnv
 */
export function parseDotEnv(
  bytes: Uint8Array,
  names: readonly string[],
): { readonly [name: string]: string | undefined } {
  const text = textOf(bytes);
  const found = parseEnv(text);
  const assigning = text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .map((line) => line.split("=", 1)[0]!);
  for (const name of names) {
    if (found[name] !== undefined) continue;
    const word = new RegExp(`\\b${name}\\b`);
    if (assigning.some((line) => word.test(line))) throw new BadDotEnv(`.env: ${name} is not set: write ${name}=value`);
  }
  return found;
}

/** Without a byte order mark, lines ended by line feeds. */
function textOf(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BadDotEnv(".env: it is not UTF-8: save it as UTF-8");
  }
  if (text.includes("\0")) throw new BadDotEnv(".env: it holds a NUL, as UTF-16 does: save it as UTF-8");
  return text.replaceAll(/\r\n?/g, "\n");
}
