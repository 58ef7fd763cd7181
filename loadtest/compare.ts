import { MEASURES } from "./measures.ts";
import type { EveningResult } from "./result.ts";
import { figure, tableText } from "./table-text.ts";

/** Two evenings side by side, with the second in relation to the first; and in what they were not the same evening. */
export function comparisonText(a: EveningResult, b: EveningResult): string {
  const rows = MEASURES.flatMap(({ name, of }) => {
    const [was, is] = [of(a), of(b)];
    if (was === null || is === null) return [];
    return [[name, figure(was), figure(is), was === 0 ? "–" : `× ${figure(is / was)}`]];
  });
  const text = tableText([["", a.at.slice(0, 16), b.at.slice(0, 16), ""], ...rows]);
  const different = differences(a, b);
  return different.length === 0 ? text : `${text}\nNot the same evening: ${different.join(", ")}.`;
}

function differences(a: EveningResult, b: EveningResult): string[] {
  const [was, is] = [flat(a.options), flat(b.options)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names
    .filter((name) => was.get(name) !== is.get(name))
    .map((name) => `${name} ${was.get(name)} and ${is.get(name)}`);
}

function flat(options: EveningResult["options"]): Map<string, string> {
  return new Map(Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)]));
}
