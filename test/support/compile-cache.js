// Required by mocha in each of its processes: without it every run compiles all sources and tests again, and every store
// that a test opens compiles its thread's modules.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tests", import.meta.url)));
