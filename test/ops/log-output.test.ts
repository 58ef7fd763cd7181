import assert from "node:assert/strict";
import { LogOutput } from "../../src/ops/log-output.ts";
import type { LogSink } from "../../src/ops/log-sinks.ts";
import { eventually } from "../support/eventually.ts";

/** What a write of one is answered with: how many bytes are taken, "all", an error, or nothing until `answer`. */
type Mood = number | "all" | "ENOSPC" | "silent";

class MoodySink implements LogSink {
  readonly holdsExit = false;
  mood: Mood = "all";
  written = "";
  tries = 0;
  answer: () => void = () => {};

  write(bytes: Buffer, done: (taken: number, error?: Error) => void): void {
    this.tries += 1;
    const { mood } = this;
    if (mood === "ENOSPC") {
      done(0, new Error(mood));
      return;
    }
    const taken = typeof mood === "number" ? Math.min(mood, bytes.length) : bytes.length;
    const take = () => {
      this.written += bytes.subarray(0, taken).toString("latin1");
      done(taken);
    };
    if (mood === "silent") this.answer = take;
    else take();
  }
}

const line = (n: number, length = 20) => `${JSON.stringify({ n }).padEnd(length - 1)}\n`;

describe("where the log's lines go", () => {
  let sink: MoodySink;
  let output: LogOutput;
  beforeEach(() => {
    sink = new MoodySink();
    output = new LogOutput(sink);
  });

  it("[O20] each line at once, in order, and what is taken in pieces is whole", async () => {
    output.write(line(1));
    assert.equal(sink.written, line(1));
    sink.mood = 7;
    for (let n = 2; n < 50; n++) output.write(line(n));
    assert.equal(sink.written, Array.from({ length: 49 }, (_, i) => line(i + 1)).join(""));
    await output.flush(10_000);
  });

  it("[O20] while nothing is taken, or writing fails, lines wait, and go out whole when it goes on", async () => {
    for (const mood of [0, "ENOSPC"] as const) {
      sink.written = "";
      sink.mood = mood;
      for (let n = 0; n < 10; n++) output.write(line(n));
      assert.equal(sink.written, "");
      sink.mood = "all";
      await output.flush(10_000);
      assert.equal(sink.written, Array.from({ length: 10 }, (_, n) => line(n)).join(""));
    }
  });

  it("[O20] too many lines are lost, and their number is told once lines go out again", async () => {
    sink.mood = "silent";
    const length = 1024;
    for (let n = 0; n < 3_000; n++) output.write(line(n, length));
    assert.equal(sink.tries, 1, "one write at a time");
    sink.mood = "all";
    sink.answer();
    await output.flush(10_000);
    const lines = sink.written.trim().split("\n");
    const told = JSON.parse(lines.pop()!);
    assert.equal(told.msg, "log lines lost");
    assert.equal(lines.length + told.lost, 3_000);
    assert.ok(lines.length >= 1_000, "a megabyte waits");
    assert.deepEqual(
      lines.map((text) => JSON.parse(text).n),
      lines.map((_, n) => n),
      "the newest are lost",
    );
    sink.written = "";
    output.write(line(1));
    assert.equal(sink.written, line(1), "told once");
  });

  it("[O20] a disk that stays full is not asked all the time, however much is logged", async () => {
    sink.mood = "ENOSPC";
    for (let n = 0; n < 100_000; n++) output.write(line(n));
    assert.equal(sink.tries, 1);
    const started = performance.now();
    await output.flush(50);
    assert.ok(performance.now() - started >= 49, "nothing is written, so it waits as long as it may");
    await eventually("another try", () => sink.tries > 1, 10_000);
  });
});
