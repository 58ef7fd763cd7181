// The SDK tells the console of every dropped connection and every message without a handler. Tests and the demo bring these
// about on purpose; all other lines go through.
const SDK_CHATTER = /^(\[Colyseus reconnection\]|Room connection was closed unexpectedly|@colyseus\/sdk:|colyseus\.js)/;

for (const level of ["info", "warn", "log"] as const) {
  const print = console[level].bind(console);
  console[level] = (...line: unknown[]) => {
    if (!SDK_CHATTER.test(String(line[0]))) print(...line);
  };
}
