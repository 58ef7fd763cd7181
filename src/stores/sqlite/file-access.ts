import { OutcomeUnknown, PositionTaken, StoredDataDamaged, StoreUnavailable } from "../../ports/failures.ts";
import { CannotOpenData } from "../open-error.ts";
import type { Failure } from "./failure.ts";
import { type Operations, operationsOn } from "./operations.ts";

/** The file's operations from this thread, wherever they run. */
export interface FileAccess {
  /** @throws what the operation throws; `OutcomeUnknown` where it gave no answer */
  call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>>;
  /** Lets go of the file once what was asked before is done. */
  close(): Promise<void>;
}

/** Runs the operations on the calling thread, which stands still while the disk works. @throws CannotOpenData */
export function accessHere(...file: Parameters<typeof operationsOn>): FileAccess {
  const operations = operationsOn(...file);
  return {
    async call(name, ...args) {
      return (await perform(operations, name, args)) as never;
    },
    async close() {
      operations.close();
    },
  };
}

/** Calls an operation by its name. */
export function perform(operations: Operations, name: keyof Operations, args: readonly unknown[]): unknown {
  return (operations[name] as (...args: readonly unknown[]) => unknown)(...args);
}

/** The error that a failure from another thread stands for. */
export function errorOf({ name, message }: Failure): Error {
  const Kind = [PositionTaken, StoreUnavailable, OutcomeUnknown, StoredDataDamaged, CannotOpenData].find(
    (kind) => kind.name === name,
  );
  return Kind === undefined ? new OutcomeUnknown(`${name}: ${message}`) : new Kind(message);
}
