// The browser tests again, with half a minute offline.
process.env.OFFLINE_SECONDS = "30";
await import("../browser/client.browser.ts");
