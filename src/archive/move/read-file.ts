import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { recordBodyOf } from "../../core/record-upgrades.ts";
import { isObject, UnknownFormat } from "../../core/upgrade.ts";
import type { StoredSnapshot } from "../../ports/snapshots.ts";
import {
  type CampaignLine,
  type EndLine,
  FILE_FORMAT,
  type FormerMemberLine,
  Header,
  Line,
  type RecordLine,
  type SessionEndLine,
  type SessionLine,
} from "./lines.ts";

/** Longer than any line that an export writes: a record's content is far below. */
const LINE_BYTES = 256 * 1024 * 1024;

/** A file that is no whole campaign, or none that this program can read; the message says why, without content. */
export class BadCampaignFile extends Error {
  override readonly name = "BadCampaignFile";
}

/** What a file tells, in its order. */
export type Told =
  | CampaignLine
  | FormerMemberLine
  | SessionLine
  | (StoredSnapshot & { readonly type: "snapshot" })
  | RecordLine
  | SessionEndLine
  | EndLine;

/** Which lines may stand after which; nothing after the end. */
const NEXT: Readonly<Record<Told["type"] | "header", readonly string[]>> = {
  header: ["campaign"],
  campaign: ["former-member", "session", "end"],
  "former-member": ["former-member", "session", "end"],
  session: ["snapshot", "record"],
  snapshot: ["snapshot", "record"],
  record: ["record", "session-end"],
  "session-end": ["session", "end"],
  end: [],
};

/**
 * Reads a campaign's file, a line at a time. That it is whole and unaltered is known when `end` has come.
 * @throws BadCampaignFile
 */
export async function* readCampaignFile(path: string): AsyncGenerator<Told> {
  const hash = createHash("sha256");
  let before: keyof typeof NEXT | undefined;
  let sessionId = "";
  let n = 0;
  const lines = linesOf(path);
  for await (const bytes of lines) {
    n += 1;
    if (before === undefined) {
      checkHeader(bytes);
      before = "header";
      hash.update(bytes);
      continue;
    }
    const line = lineOf(bytes, n);
    if (!NEXT[before].includes(line.type)) throw new BadCampaignFile(`line ${n}: ${line.type} cannot stand there`);
    before = line.type as keyof typeof NEXT;
    if (line.type === "end") checkSum(line, hash);
    hash.update(bytes);
    if (line.type === "session") sessionId = line.sessionId;
    if (line.type === "snapshot") {
      const pieces: string[] = [];
      while (pieces.length < line.pieces) {
        n += 1;
        pieces.push(pieceOf(await lines.next(), n, hash));
      }
      yield { type: "snapshot", sessionId, pos: line.pos, sha256: line.sha256, text: pieces.join("") };
    } else if (line.type === "piece") {
      throw new BadCampaignFile(`line ${n}: piece cannot stand there`);
    } else yield line;
  }
  if (before !== "end")
    throw new BadCampaignFile(n === 0 ? "the file is empty" : "the file is cut off: its last line is missing");
}

function checkHeader(bytes: Buffer): void {
  const line = jsonOf(bytes, 1) as { readonly type?: unknown; readonly format?: unknown } | null;
  if (line?.type !== "campaign-export") throw new BadCampaignFile("this is no campaign's file");
  if (typeof line.format === "number" && line.format > FILE_FORMAT) {
    throw new BadCampaignFile(
      `the file is of format ${line.format}, of a newer program; this one knows ${FILE_FORMAT}: import it with that program`,
    );
  }
  if (!Header.safeParse(line).success) throw new BadCampaignFile("line 1: it is not of the shape that it should be");
}

function lineOf(bytes: Buffer, n: number): Line {
  const line = withTodaysBody(jsonOf(bytes, n), n);
  const parsed = Line.safeParse(line);
  if (parsed.success) return line as Line;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new BadCampaignFile(`line ${n}: ${at === "" ? "it" : at} is not of the shape that it should be`);
}

/** A record of a former format is upgraded, as it is when a store reads it. */
function withTodaysBody(line: unknown, n: number): unknown {
  if (!isObject(line) || line.type !== "record" || !isObject(line.body)) return line;
  try {
    return { ...line, body: recordBodyOf(line.body) };
  } catch (error) {
    throw error instanceof UnknownFormat ? new BadCampaignFile(`line ${n}: ${error.message}`) : error;
  }
}

function pieceOf(next: IteratorResult<Buffer>, n: number, hash: Hash): string {
  if (next.done === true) throw new BadCampaignFile("the file is cut off: its last line is missing");
  const line = lineOf(next.value, n);
  if (line.type !== "piece") throw new BadCampaignFile(`line ${n}: ${line.type} cannot stand there`);
  hash.update(next.value);
  return line.text;
}

function checkSum({ sha256 }: EndLine, hash: Hash): void {
  if (hash.copy().digest("hex") !== sha256) {
    throw new BadCampaignFile("the file was altered: its checksum is not that of its lines");
  }
}

function jsonOf(bytes: Buffer, n: number): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new BadCampaignFile(n === 1 ? "this is no campaign's file" : `line ${n}: it is no JSON, or cut off`);
  }
}

/** Lines with their line feeds; the last one may lack it. */
async function* linesOf(path: string): AsyncGenerator<Buffer, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(path)) {
    let from = 0;
    for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, to + 1)]);
      parts = [];
      bytes = 0;
      from = to + 1;
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > LINE_BYTES) throw new BadCampaignFile("this is no campaign's file");
  }
  if (bytes > 0) yield Buffer.concat(parts);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 });
  } catch (error) {
    throw new BadCampaignFile(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
