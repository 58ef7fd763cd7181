import { parentPort, workerData } from "node:worker_threads";
import { failureOf } from "./failure.ts";
import { perform } from "./file-access.ts";
import { type Operations, operationsOn } from "./operations.ts";
import type { Answer, Question, Vanishing } from "./worker-access.ts";

/**
 * The thread that owns the data file: opens it, says which it is (answer 0), then performs one operation after the other. While a
 * backup is made, they get their turn between its steps.
 */
let operations: Operations;
/** what is asked while a step of a backup is under way; undefined: none is made */
let held: Question[] | undefined;

function answer(n: number, work: () => unknown): void {
  let reply: Answer;
  try {
    reply = { n, result: work() };
  } catch (error) {
    reply = { n, failure: failureOf(error) };
  }
  parentPort?.postMessage(reply);
}

function take(question: Question): void {
  const { n, name, args } = question;
  if (held !== undefined) held.push(question);
  else if (name === "backUp") void backUp(n, String(args[0]));
  else answer(n, () => perform(operations, name, args));
}

async function backUp(n: number, path: string): Promise<void> {
  held = [];
  const [outcome] = await Promise.allSettled([operations.backUp(path, performHeld)]);
  const rest = held;
  held = undefined;
  answer(n, () => {
    if (outcome.status === "rejected") throw outcome.reason;
  });
  rest.forEach(take);
}

function performHeld(): void {
  for (const { n, name, args } of held?.splice(0) ?? []) answer(n, () => perform(operations, name, args));
}

answer(0, () => {
  operations = operationsOn(workerData, (vanished) => parentPort?.postMessage({ vanished } satisfies Vanishing));
  return operations.fileId();
});
parentPort?.on("message", take);
