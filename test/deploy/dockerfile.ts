/** One line of a Dockerfile: `RUN`, `npm ci`. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What is between two `FROM`s. */
export interface Stage {
  /** a stage before it, or an image from elsewhere */
  readonly from: string;
  /** by which others name it; empty for the last one */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. Of its language this knows what ours uses. @throws on anything else */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { from: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no instruction: ${line}`);
    if (name !== "FROM") {
      stages.at(-1)!.instructions.push({ name, text: rest });
      continue;
    }
    const [, from = rest, as = ""] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
    stages.push({ from, name: as, instructions: [] });
  }
  return stages;
}

/** The pairs of an `ENV`. */
export function pairsOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split(/\s+/).map((pair) => pair.split("=", 2) as [string, string]));
}

/**
 * What a `.dockerignore` leaves in: the last pattern that matches a path, or a folder above it, decides.
 * @returns whether a path, from the project's folder, is sent to Docker
 */
export function contextOf(dockerignore: string): (path: string) => boolean {
  const patterns = dockerignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ isException: line.startsWith("!"), matches: globOf(line.replace(/^!/, "")) }));
  return (path) => {
    const parts = path.split("/");
    const above = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    let isIn = true;
    for (const { isException, matches } of patterns) {
      if (above.some((part) => matches.test(part))) isIn = isException;
    }
    return isIn;
  };
}

/** As Docker takes it: a star is for names that begin with a dot, too. */
function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === "**/") return "(?:.*/)?";
    return part === "*" ? "[^/]*" : part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}
