import { EVENING_DEFAULTS } from "../loadtest/play.ts";
import { sideBySide } from "./evenings.ts";

/** A full server as it is on most evenings: many tables, a command now and then. */
await sideBySide(process.argv.slice(2), { ...EVENING_DEFAULTS, sessions: 300, players: 6, rate: 0.5, seconds: 20 });
