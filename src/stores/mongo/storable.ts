import type { LogDocument } from "./models.ts";
import type { Parts } from "./parts.ts";

/** Content that one document holds (its limit is 16 MB); more goes into parts. */
const DOCUMENT_BYTES = 6 * 1024 * 1024;

/** A document of the log as the database takes it: bodies that it could not hold go into parts, now. @throws as `writing` */
export async function storable(document: LogDocument, parts: Parts): Promise<LogDocument> {
  const { bodies = [], ...rest } = document;
  // UTF-8 has at most 3 bytes per UTF-16 code unit: most documents need no closer look.
  if (textUnits(document) * 3 <= DOCUMENT_BYTES) return document;
  const bytes = Buffer.from(JSON.stringify(bodies), "utf8");
  if (bytes.length <= DOCUMENT_BYTES) return document;
  return { ...rest, parts: await parts.put(rest.sessionId, rest._id.toHexString(), bytes) };
}

/** UTF-16 code units of a document's bodies. */
export function textUnits({ bodies = [] }: LogDocument): number {
  return bodies.reduce((sum, body) => sum + (body?.length ?? 0), 0);
}
