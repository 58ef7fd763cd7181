import { EVENING_DEFAULTS } from "../loadtest/play.ts";
import { sideBySide } from "./evenings.ts";

/** Memory per client: how much the process grew while they joined. What the collector leaves lying about is in it. */
const options = { ...EVENING_DEFAULTS, sessions: 100, players: 6, rate: 0, seconds: 5 };
await sideBySide(process.argv.slice(2), options, ["server memory per client, KiB", "server memory (RSS), MiB"]);
