import type { LogRecord } from "../../src/core/record.ts";
import type { SessionLog } from "../../src/ports/log.ts";

/** Every record that a log still holds whole, page by page. */
export async function wholeLog(log: Pick<SessionLog, "read">, sessionId: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (;;) {
    const page = await log.read(sessionId, records.at(-1)?.pos ?? 0, 1_000);
    if (page.length === 0) return records;
    records.push(...page);
  }
}
