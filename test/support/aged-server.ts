import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Evening } from "./evening.ts";
import { Person } from "./people.ts";
import { ServerProcess } from "./server.ts";

const DAY_S = 86_400;
const PRELOAD = new URL("./shifted-clock.ts", import.meta.url).href;

/** A server with `RETENTION_DAYS=2` that can be started again days later. */
export class AgedServer {
  readonly process: ServerProcess;
  readonly #folder: string;

  private constructor(process: ServerProcess, folder: string) {
    this.process = process;
    this.#folder = folder;
  }

  /** @param env of the server, beyond what every test's server gets */
  static async start(env: Readonly<Record<string, string>> = {}, days = 0): Promise<AgedServer> {
    const folder = mkdtempSync(join(tmpdir(), "shift-"));
    const file = shiftFile(folder, days);
    const clock = { NODE_OPTIONS: `--import=${PRELOAD}`, CLOCK_SHIFT_FILE: file };
    const process = await ServerProcess.start({ env: { RETENTION_DAYS: "2", ...clock, ...env } });
    return new AgedServer(process, folder);
  }

  /** Ends the process unless it is gone already, and starts it again so many days after today. */
  async startAgain(days: number): Promise<void> {
    if (this.process.isRunning) await this.process.stop();
    shiftFile(this.#folder, days);
    await this.process.start();
  }

  /** Somebody whose token outlives the days that pass here. */
  person(userId: string): Promise<Person> {
    return Person.of(this.process, userId, { expiresInSeconds: 30 * DAY_S });
  }

  /** Ends sessions that continue one with content, and so have it too. @returns their ids */
  async endedCopies({ gm, campaignId, sessionId }: Evening, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const body = { title: `copy ${i}`, continueFrom: sessionId };
      const { id } = await gm.get<{ id: string }>("POST", `/api/campaigns/${campaignId}/sessions`, body);
      await gm.get("POST", `/api/sessions/${id}/terminate`);
      ids.push(id);
    }
    return ids;
  }

  /** sessions whose forgetting its log tells of, in order, over all its lives */
  get forgotten(): string[] {
    const lines = this.process.log.split("\n").filter((line) => line.includes('"content forgotten"'));
    return lines.map((line) => (JSON.parse(line) as { session: string }).session);
  }

  async dispose(): Promise<void> {
    await this.process.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** An evening with a text in every namespace, in small and large values, in answers and in a snapshot; it goes on. */
export async function eveningWith(text: string, server: ServerProcess): Promise<Evening> {
  const evening = await Evening.prepare(server, { members: { kim: "player" } });
  const gm = await evening.gm.join(evening.sessionId);
  const kim = await evening.person("kim").join(evening.sessionId);
  for (const path of ["shared", "players/kim", "private/kim", "gm", "table"]) {
    const seat = path === "gm" || path === "table" ? gm : kim;
    await seat.command("set", { path: `${path}/small`, value: `${text} 1` });
    await seat.command("set", { path: `${path}/large`, value: `${text} 2`.repeat(400) });
    await seat.command("set", { path: `${path}/${text}`, value: 3 });
  }
  await evening.step("pause");
  await gm.command("delete", { path: "table/large" });
  await gm.command("append", { path: "gm/list", values: [text] });
  await evening.step("resume");
  await gm.room.leave();
  await kim.room.leave();
  return evening;
}

function shiftFile(folder: string, days: number): string {
  const file = join(folder, "shift-ms");
  writeFileSync(file, String(days * DAY_S * 1_000));
  return file;
}
