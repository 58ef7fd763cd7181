import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Opens a way to `endpoint` that takes `roundTripMs` longer, there and back: a TCP proxy on loopback that hands on every
 * piece half of that later, in order. It delays only; bandwidth and loss are as they were. Lives as long as the process.
 * @returns the endpoint (ws://…) to use instead
 */
export async function openDistance(endpoint: string, roundTripMs: number): Promise<string> {
  const { hostname, port, protocol } = new URL(endpoint);
  if (protocol !== "ws:" && protocol !== "http:")
    throw new Error("only an unencrypted endpoint can be put at a distance");
  const proxy = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port || 80) });
    carry(near, far, roundTripMs / 2);
    carry(far, near, roundTripMs / 2);
  });
  await new Promise<void>((resolve, reject) => {
    proxy.once("error", reject);
    proxy.listen(0, "127.0.0.1", resolve);
  });
  proxy.unref();
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return `ws://127.0.0.1:${address.port}`;
}

/** Timers of the same length fire in the order in which they were set: so the pieces stay in order. */
function carry(from: Socket, to: Socket, ms: number): void {
  from.setNoDelay(true);
  from.on("data", (piece) => {
    void delay(ms).then(() => to.destroyed || to.write(piece));
  });
  from.on("close", () => {
    void delay(ms).then(() => to.destroy());
  });
  from.on("error", () => {
    // "close" follows, and ends the other side
  });
}
