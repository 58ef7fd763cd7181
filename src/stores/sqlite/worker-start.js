/**
 * Starts the store's thread. A thread does not inherit the process' compile cache, and without it each start compiles
 * every module of the store again. Plain JavaScript, which needs no compiling itself.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

const { compileCache } = workerData;
if (compileCache !== undefined) enableCompileCache(compileCache);
await import("./worker.ts");
// Written out at once: the process may end by a SIGKILL.
if (compileCache !== undefined) flushCompileCache();
