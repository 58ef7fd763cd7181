/**
 * Runs a program of this project, named from its folder, with the arguments behind it: `node src/run.js src/index.ts`.
 * Plain JavaScript, which any Node reads: one that is too old is told so in a sentence, before it meets a .ts file.
 * What is asked for here is what `engines` in package.json says.
 */
import { fileURLToPath } from "node:url";

const [major, minor] = process.version.slice(1).split(".").map(Number);

if ((major === 22 && minor >= 18) || (major === 23 && minor >= 8) || major > 23) {
  const program = new URL(`../${process.argv[2]}`, import.meta.url);
  process.argv.splice(1, 2, fileURLToPath(program));
  await import(program.href);
} else {
  process.stderr.write(
    `This is Node ${process.version}, and Node 22 or newer (22.18 at least) is needed: run "npm ci" without --ignore-scripts, ` +
      "which brings Node 24 along, or install a newer Node from https://nodejs.org\n",
  );
  process.exitCode = 1;
}
