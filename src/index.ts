import { enableCompileCache, flushCompileCache } from "node:module";

// Compiled code is kept between starts, so that a server that was killed is back a third sooner. Written out at once, for
// the next end may be a SIGKILL too.
enableCompileCache();
const { main } = await import("./main.ts");
await main();
flushCompileCache();
