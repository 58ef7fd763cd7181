import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { keepForOwner, ownersFolder } from "./files/owner-only.ts";

keepForOwner();
// Compiled code is kept between starts, so that a server that was killed is back a third sooner. Where nobody else can have
// put it: it is run as it is found. Node's own choice would be the temporary folder, which all users of a machine share.
const cache = ownersFolder(fileURLToPath(new URL("../node_modules/.cache/campaign-live-sessions", import.meta.url)));
if (cache !== undefined) enableCompileCache(cache);
const { main } = await import("./main.ts");
await main();
// Written out at once, for the next end may be a SIGKILL too.
flushCompileCache();
