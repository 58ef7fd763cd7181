import { setTimeout as delay } from "node:timers/promises";
import { type Endpoints, endpointOf } from "./endpoints.ts";
import type { People } from "./people.ts";
import type { Person } from "./seat.ts";
import type { TablePlan } from "./table.ts";

const CAMPAIGNS_AT_ONCE = 8;
/** A server that cannot answer now is asked again so often, a second later each time. */
const TRIES = 10;

/** How many tables, and who is at each. */
export interface Size {
  readonly sessions: number;
  readonly players: number;
  /** slow readers at all tables together */
  readonly slow: number;
  /** of every session, beside the defaults */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** How many of the slow readers sit at this table. */
export function slowAt(table: number, { sessions, slow }: Size): number {
  const upTo = (tables: number) => Math.floor((tables * slow) / sessions);
  return upTo(table + 1) - upTo(table);
}

/**
 * By HTTP, as a GM would: a campaign for each table with its members, a session in it, started. No two tables share a person
 * unless `people` does. Of several endpoints each is asked for its share of the tables.
 * @throws on any answer that is not a success
 */
export async function stageCampaigns(endpoints: Endpoints, people: People, size: Size): Promise<TablePlan[]> {
  const tables: TablePlan[] = [];
  const indices = Array.from({ length: size.sessions }, (_, index) => index);
  const next = async () => {
    for (let index = indices.shift(); index !== undefined; index = indices.shift()) {
      tables[index] = await stageCampaign(endpointOf(endpoints, index), people, size, index);
    }
  };
  await Promise.all(Array.from({ length: CAMPAIGNS_AT_ONCE }, next));
  return tables;
}

async function stageCampaign(endpoint: string, people: People, size: Size, table: number): Promise<TablePlan> {
  const seats = 1 + size.players + slowAt(table, size);
  // every table has room for as many as any: so the numbers of people never overlap
  const width = 1 + size.players + Math.ceil(size.slow / size.sessions);
  const persons = await Promise.all(Array.from({ length: seats }, (_, seat) => people(table * width + seat)));
  const [gm, ...others] = persons as [Person, ...Person[]];
  const campaign = await call(endpoint, gm, "POST", "/api/campaigns", { name: `Load ${table}` });
  for (const { userId } of others) {
    const member = `/api/campaigns/${campaign.id}/members/${encodeURIComponent(userId)}`;
    await call(endpoint, gm, "PUT", member, { role: "player" });
  }
  const session = await call(endpoint, gm, "POST", `/api/campaigns/${campaign.id}/sessions`, {
    title: `Evening ${table}`,
    maxParticipants: Math.min(500, seats + 1),
    ...(size.settings === undefined ? {} : { settings: size.settings }),
  });
  await call(endpoint, gm, "POST", `/api/sessions/${session.id}/start`);
  return { sessionId: session.id, gm, players: others.slice(0, size.players), slow: others.slice(size.players) };
}

/** Calls the HTTP API as `person`, again where it is not available now; the answer's JSON. */
export async function call(
  endpoint: string,
  person: Person,
  method: string,
  path: string,
  body?: unknown,
  tries = TRIES,
): Promise<{ id: string; [field: string]: unknown }> {
  const answer = await fetch(endpoint + path, {
    method,
    headers: {
      authorization: `Bearer ${person.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status === 503 && tries > 1) {
    await delay(1_000);
    return await call(endpoint, person, method, path, body, tries - 1);
  }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return (text === "" ? {} : JSON.parse(text)) as { id: string; [field: string]: unknown };
}
