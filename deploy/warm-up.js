// Run once while the image is built, as the user who will run the server: starts it, asks it for something, stops it, and
// loads the store that this start did not need. What Node compiled for that is then in the image (NODE_COMPILE_CACHE), and
// an image whose server does not start is not built.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const data = mkdtempSync(join(tmpdir(), "warm-up-"));
const server = spawn(process.execPath, ["src/index.ts"], {
  env: {
    ...process.env,
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: data,
    AUTH_JWT_SECRET: randomBytes(48).toString("base64url"),
  },
  stdio: ["ignore", "pipe", "inherit"],
});
process.once("exit", () => server.kill("SIGKILL"));
const exited = once(server, "exit");
const url = await addressIn(server.stdout);
for (const path of ["/readyz", "/", "/openapi.json"]) {
  const answer = await fetch(url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  await answer.arrayBuffer();
}
server.kill("SIGTERM");
const [code] = await exited;
if (code !== 0) throw new Error(`the server ended with ${code}`);
rmSync(data, { recursive: true });
await import("../src/stores/mongo/stores.ts");

/** The address that the server says it listens at. */
async function addressIn(output) {
  let said = "";
  for await (const text of output.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += text;
    const [, address] = /listening on (http:\/\/[\w.:]+)/.exec(said) ?? [];
    if (address === undefined) continue;
    output.resume();
    return address;
  }
  throw new Error(`the server did not start: ${said}`);
}
