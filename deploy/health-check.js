// Whether the server beside it answers: for Docker's HEALTHCHECK, in an image without curl. Ends with 0 or 1.
import { get } from "node:http";

const { PORT, HOST = "" } = process.env;
const everywhere = ["", "0.0.0.0", "::"];
const request = get(
  {
    host: everywhere.includes(HOST.trim()) ? "127.0.0.1" : HOST.trim(),
    port: PORT?.trim() || "2567",
    path: process.argv[2] ?? "/healthz",
    agent: false,
    timeout: 2_000,
  },
  (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    response.resume();
  },
);
request.once("timeout", () => request.destroy(new Error("no answer")));
request.once("error", () => {
  process.exitCode = 1;
});
