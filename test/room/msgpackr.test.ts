import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

describe("msgpackr", () => {
  it("[C52] finds no native part, and takes nothing else for it", async () => {
    // As the framework and the SDK load it.
    const fromHere = createRequire(import.meta.url);
    for (const user of ["@colyseus/core", "@colyseus/sdk"]) {
      const entry = createRequire(fromHere.resolve(user)).resolve("msgpackr");
      const loaded = await import(pathToFileURL(entry.replace(/dist[/\\]node\.cjs$/, "node-index.js")).href);
      assert.equal(loaded.isNativeAccelerationEnabled, false, user);
    }
  });
});
