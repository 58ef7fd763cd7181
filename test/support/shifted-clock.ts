/**
 * Loaded before a server (`NODE_OPTIONS=--import=…`), it lets that process live in the future: `CLOCK_SHIFT_FILE` names a file
 * that holds by how many ms.
 */
import { readFileSync } from "node:fs";

const shiftMs = Number(readFileSync(process.env.CLOCK_SHIFT_FILE ?? "", "utf8"));
const now = Date.now;
Date.now = () => now() + shiftMs;
