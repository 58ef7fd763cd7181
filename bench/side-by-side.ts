import { EVENING_DEFAULTS } from "../loadtest/play.ts";
import { sideBySide } from "./evenings.ts";

/** A busy server: what identity, rights, order and a journal cost on top of a bare Colyseus room. */
await sideBySide(process.argv.slice(2), { ...EVENING_DEFAULTS, sessions: 50, players: 6, rate: 5, seconds: 20 });
