import { readHistory } from "./history-file.ts";
import { verdictOf } from "./verdict.ts";

// Judges a history that a failed run of the fault suite left: node test/support/judge.ts FILE

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write("Which history? node test/support/judge.ts FILE\n");
  process.exit(2);
}
const { about, history } = readHistory(path);
const { problems, counts } = verdictOf(history);
process.stdout.write(`${about.name}, seed ${about.seed}: ${counts}\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? "It holds.\n" : `${problems.length} problems.\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
