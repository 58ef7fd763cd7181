/** `npm run bench -- NAME [flags]`: runs one of the benches, each a script of its own. */

const BENCHES: Readonly<Record<string, string>> = {
  "side-by-side": "a busy server, ours and bare Colyseus rooms by turns",
  quiet: "300 tables with a command now and then",
  idle: "500 sessions in which nothing happens",
  memory: "memory per client",
  bytes: "bytes per action",
  joins: "joining a session of 100, 1,000 and 10,000 entries",
  commits: "commits per store, and the MongoDB store over the bare driver",
  log: "the embedded journal, on this thread and on its own",
  cluster: "one process and several: load, asking another process, idle sessions",
  storm: "everybody loses the connection at once",
  pages: "the table in a browser with 100, 1,000 and 10,000 entries",
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(BENCHES, name)) {
  const list = Object.entries(BENCHES).map(([bench, what]) => `  ${bench.padEnd(14)}${what}`);
  console.error(`npm run bench -- NAME [flags]\n${list.join("\n")}`);
  process.exit(2);
}
process.argv.splice(2, process.argv.length, ...args);
await import(name === "storm" ? "../loadtest/storm.ts" : `./${name}.ts`);
