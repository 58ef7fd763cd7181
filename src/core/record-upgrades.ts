import type { RECORD_FORMAT, RecordBody } from "./record.ts";
import { recordFromUnversioned } from "./unversioned.ts";
import { type Format, isObject, UnknownFormat, upgraded } from "./upgrade.ts";

/** The compiler asks for a step whenever the number rises. */
const FORMAT = { of: "record", field: "v", steps: [recordFromUnversioned] } as const satisfies Format & {
  readonly steps: { readonly length: typeof RECORD_FORMAT };
};

/**
 * What a trim forgets of a record, in today's format.
 * @param stored of any format, as it was parsed
 * @throws UnknownFormat
 */
export function recordBodyOf(stored: unknown): RecordBody {
  const body = upgraded(stored, FORMAT);
  if (!isObject(body.content)) throw new UnknownFormat("it has no content");
  return body as unknown as RecordBody;
}
