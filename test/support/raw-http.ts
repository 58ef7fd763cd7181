import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  /** 0 where nothing came */
  readonly status: number;
  /** names in lower case; the last value of a name */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** the body as JSON, null where it is none */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of whatever shape came
  readonly body: any;
}

/** A plain socket to a server, for requests that no HTTP client would write. */
export async function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/**
 * Sends the bytes of one request and waits for one whole answer, or for the end of the connection.
 * @param withinMs how long it may take; what has come by then is the answer
 */
export async function exchange(url: string, request: string | Uint8Array, withinMs = 5_000): Promise<RawAnswer> {
  const socket = await dial(url);
  let received = "";
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    socket.setEncoding("latin1").on("data", (text: string) => {
      received += text;
      if (isWhole(received)) resolve();
    });
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.write(request);
  });
  socket.destroy();
  return answerOf(received);
}

/** The lines of a request, each ended as HTTP wants it, with the empty one at the end. */
export function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

export function answerOf(received: string): RawAnswer {
  const [heading = "", text = ""] = splitAt(received, "\r\n\r\n");
  const [statusLine = "", ...lines] = heading.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name = "", value = ""] = splitAt(line, ":");
    headers[name.toLowerCase()] = value.trim();
  }
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, text, body: jsonOrNull(text) };
}

function isWhole(received: string): boolean {
  const { status, headers, text } = answerOf(received);
  if (!received.includes("\r\n\r\n")) return false;
  if (status === 101 || status === 204) return true;
  return headers["content-length"] !== undefined && text.length >= Number(headers["content-length"]);
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
