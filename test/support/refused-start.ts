import assert from "node:assert/strict";
import type { Start } from "./server.ts";

/**
 * The server refused to start as it should: exit code 1, one sentence that tells what is asked for, and no stack. Problems
 * of the configuration have a line above them.
 */
export function assertRefused(start: Start, sentence: RegExp): asserts start is Extract<Start, { isReady: false }> {
  assert.ok(!start.isReady, "it started");
  assert.equal(start.code, 1, start.said);
  const lines = start.said.trim().split("\n");
  if (lines[0] === "the configuration has a problem:") lines.shift();
  assert.equal(lines.length, 1, start.said);
  assert.match(lines[0]!, sentence);
}
