import { once } from "node:events";
import { createServer } from "node:net";

// Below the range from which Linux takes the local ports of outgoing connections: while a killed server is down, no client's
// own socket can sit on its port, nor connect to itself there. No port of this range is on fetch's list of bad ports.
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;

/** A TCP port on which nothing listens now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    const probe = createServer();
    probe.listen(port, "127.0.0.1");
    const isFree = await Promise.race([
      once(probe, "listening").then(() => true),
      once(probe, "error").then(() => false),
    ]);
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
