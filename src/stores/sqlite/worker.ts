import { parentPort, workerData } from "node:worker_threads";
import { failureOf } from "./failure.ts";
import { perform } from "./file-access.ts";
import { type Operations, operationsOn } from "./operations.ts";
import type { Answer, Question } from "./worker-access.ts";

/** The thread that owns the data file: opens it, says so (answer 0), then performs one operation after the other. */
async function answer(n: number, work: () => unknown): Promise<void> {
  let reply: Answer;
  try {
    const result = work();
    // Most are there already: an await would let the next question in between.
    reply = { n, result: result instanceof Promise ? await result : result };
  } catch (error) {
    reply = { n, failure: failureOf(error) };
  }
  parentPort?.postMessage(reply);
}

let operations: Operations;
void answer(0, () => {
  operations = operationsOn(workerData);
});
parentPort?.on("message", ({ n, name, args }: Question) => answer(n, () => perform(operations, name, args)));
