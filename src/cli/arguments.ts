import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A command line that cannot be meant as it stands; the message says why, and how the command is used. */
export class WrongArguments extends Error {
  override readonly name = "WrongArguments";
}

/** What a command takes: its options as `parseArgs` knows them, and how it is used, for who got it wrong. */
export interface Arguments<Options extends ParseArgsOptionsConfig> {
  readonly options: Options;
  readonly usage: string;
  /** whether something that begins with `-` and is no option of ours is an argument all the same. Default: it is not */
  readonly isOperand?: (text: string) => boolean;
}

/** How the ids that the server makes look; those of older versions may begin with `-`. */
export function looksLikeId(text: string): boolean {
  return /^[\w-]{16}$/.test(text);
}

/**
 * As `parseArgs`, but ids, names and files may begin with `-`: as an option's value unless it is an option itself, as an
 * argument where `isOperand` says so.
 * @throws WrongArguments
 */
export function parseArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { options, usage, isOperand = () => false }: Arguments<Options>,
) {
  const nameOf = (text: string): string | undefined =>
    text.startsWith("--") ? Object.keys(options).find((name) => text.slice(2).split("=", 1)[0] === name) : undefined;
  const plain: string[] = [];
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [arg, next] = [args[i]!, args[i + 1]];
    const name = nameOf(arg);
    if (arg === "--") {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === `--${name}` && options[name!]?.type === "string" && next !== undefined && nameOf(next) === undefined) {
      plain.push(`${arg}=${next}`);
      i++;
    } else if (name === undefined && (!arg.startsWith("-") || isOperand(arg))) operands.push(arg);
    else plain.push(arg);
  }
  try {
    return { values: parseArgs({ args: plain, options }).values, operands };
  } catch (error) {
    throw new WrongArguments(`${(error as Error).message}\n${usage}`);
  }
}
