// Two people at one table, in one process: npx node clients/js/example.ts [http://127.0.0.1:2567]
// Needs a server in dev login, as `npm start` without configuration is.
import { connect, type Table } from "./src/index.ts";

const endpoint = process.argv[2] ?? "http://127.0.0.1:2567";

async function post<T>(path: string, body: unknown, token?: string, method = "POST"): Promise<T> {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(endpoint + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

const { token: gmToken } = await post<{ token: string }>("/dev/token", { userId: "gm", name: "Ana" });
const { token: kimToken } = await post<{ token: string }>("/dev/token", { userId: "kim", name: "Kim" });
const campaign = await post<{ id: string }>("/api/campaigns", { name: "The Sunken Keep" }, gmToken);
await post(`/api/campaigns/${campaign.id}/members/kim`, { role: "player" }, gmToken, "PUT");
const session = await post<{ id: string }>(`/api/campaigns/${campaign.id}/sessions`, { title: "Evening 1" }, gmToken);
await post(`/api/sessions/${session.id}/start`, {}, gmToken);

const gm = connect({ endpoint, sessionId: session.id, token: gmToken, client: "example" });
const kim = connect({ endpoint, sessionId: session.id, token: kimToken, client: "example" });
await Promise.all([gm.ready, kim.ready]);
report("gm", gm);
report("kim", kim);

await gm.set("gm/ambush", { orcs: 3 });
await kim.set("players/kim", { hp: 12, name: "Kim the Bold" });
const { result } = await kim.increment("players/kim/hp", -5);
console.log("kim has", result, "hit points, and sees of the ambush:", kim.get("gm/ambush"));
await gm.move("gm/ambush", "shared/ambush");
await kim.command("set", { path: "gm/ambush", value: 0 }).catch((error) => console.log("kim may not:", error.code));
console.log("kim sees", kim.get("shared/ambush"));
kim.leave();
gm.leave();

function report(who: string, table: Table): void {
  table.on("change", ({ seq, paths }) => console.log(`${who} sees ${seq}:`, paths.join(", ")));
  table.on("lost", ({ reason }) => console.log(`${who} lost the connection: ${reason}`));
  table.on("back", ({ awayMs }) => console.log(`${who} is back after ${awayMs} ms`));
}
