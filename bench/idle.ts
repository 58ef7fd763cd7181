import { EVENING_DEFAULTS } from "../loadtest/play.ts";
import { sideBySide } from "./evenings.ts";

/** What sessions cost in which nothing happens: a GM and one player in each, connected, silent. */
const options = { ...EVENING_DEFAULTS, sessions: 500, players: 1, rate: 0, seconds: 20 };
await sideBySide(process.argv.slice(2), options, [
  "server CPU, % of a core",
  "server memory (RSS), MiB",
  "joins a second",
]);
