import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { isProblem, type Problem, problem } from "./problem.ts";

export const MAX_BODY_BYTES = 64 * 1024;

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** The content codings of RFC 9110, section 8.4.1, and what browsers send besides. */
const CODINGS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["identity", async (bytes) => bytes],
  ["gzip", promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ["deflate", promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)],
  ["br", promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress)],
]);

/**
 * What a request's body says, which has to be JSON. One without bytes counts as an empty object, whatever its headers say
 * of it: HTTP/2 front ends and tunnels announce a body (`Transfer-Encoding: chunked`) where there is none.
 * @param bytes as they were sent, whole
 */
export async function jsonIn(bytes: Buffer, request: IncomingMessage): Promise<{ json: unknown } | Problem> {
  if (bytes.length === 0) return { json: {} };
  if (!isJsonInUtf8(request.headers["content-type"] ?? "")) {
    return problem("unsupported_media_type", "Send the body as application/json, in UTF-8.");
  }
  const text = await decoded(bytes, request.headers["content-encoding"] ?? "identity");
  if (isProblem(text)) return text;
  // The parser's errors quote the body: nothing of them is passed on.
  try {
    if (isUtf8(text)) return { json: JSON.parse(text.toString("utf8")) };
  } catch {}
  return problem("bad_request", "The body is not JSON in UTF-8.");
}

/** A request's body, whole: the bytes as they were sent. A body that is over the limit is read no further: Node throws the rest away. */
export function readBytes(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer | Problem> {
  return new Promise((resolve) => {
    if (request.destroyed) return resolve(notWhole());
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) return resolve(tooLarge(maxBytes));
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: Buffer | Problem): void => {
      request.off("data", take).off("end", end).off("error", cut).off("close", cut);
      resolve(outcome);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) settle(tooLarge(maxBytes));
    };
    const end = (): void => settle(Buffer.concat(chunks, size));
    const cut = (): void => settle(notWhole());
    request.on("data", take).on("end", end).on("error", cut).on("close", cut);
  });
}

async function decoded(bytes: Buffer, coding: string): Promise<Buffer | Problem> {
  const decode = CODINGS.get(coding.trim().toLowerCase());
  if (decode === undefined) return problem("unsupported_media_type", "Send the body as it is, or in gzip.");
  try {
    return await decode(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge
      ? tooLarge(MAX_BODY_BYTES)
      : problem("bad_request", "The body is not in the coding that it names.");
  }
}

function notWhole(): Problem {
  return problem("bad_request", "The body did not come whole.");
}

function tooLarge(maxBytes: number): Problem {
  return problem("payload_too_large", `A body has at most ${maxBytes} bytes.`);
}

function isJsonInUtf8(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith("charset="));
  return type === "application/json" && charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset));
}
