import type { RECORD_FORMAT, RecordBody } from "./record.ts";
import { recordFromUnversioned } from "./unversioned.ts";
import { type Format, isObject, type Stored, UnknownFormat, upgraded } from "./upgrade.ts";

/** The compiler asks for a step whenever the number rises. */
const FORMAT = {
  of: "record",
  field: "v",
  steps: [recordFromUnversioned, withRemovalsBefore, withAdmission],
} as const satisfies Format & {
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

/** A record's body of format 1 in format 2: an invite says how many members the campaign had taken out before. */
function withRemovalsBefore(body: Stored): Stored {
  const { content } = body;
  if (!isObject(content) || content.kind !== "invite" || !isObject(content.change)) return body;
  const { change } = content;
  if (change.what !== "created" || !isObject(change.invite)) return body;
  return { ...body, content: { ...content, change: { ...change, invite: { removalsBefore: 0, ...change.invite } } } };
}

/** A record's body of format 2 in format 3, which knows the waiting room: a session of before is open. */
function withAdmission(body: Stored): Stored {
  const { content } = body;
  if (!isObject(content) || content.kind !== "created" || !isObject(content.settings)) return body;
  const { settings } = content;
  return { ...body, content: { ...content, settings: { ...settings, admission: settings.admission ?? "open" } } };
}
