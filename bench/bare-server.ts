import { type Client, defineRoom, defineServer, matchMaker, Room } from "@colyseus/core";
import { Encoder, type MapSchema, type SchemaType, schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";

/**
 * What ours is measured against: a plain Colyseus room that knows the same messages and the same entries, and nothing else:
 * no identity, no rights, no journal, no order but arrival. Environment: PORT; PATCHES=`interval` (Colyseus' default: every
 * 50 ms) or `action` (a patch per command, before its answer, as ours promises); BUFFER_KIB, the encoder's buffer (16).
 */

const Entry = schema({ value: t.string(), version: t.number(), by: t.string() }, "Entry");
const State = schema({ seq: t.number().default(0), entries: t.map(Entry) }, "State");
type EntrySchema = SchemaType<typeof Entry>;

interface Command {
  readonly action: "set" | "increment" | "append" | "fill";
  readonly payload: {
    readonly path: string;
    readonly value: unknown;
    readonly by: number;
    readonly values: readonly unknown[];
    readonly max?: number;
    /** `fill` only, which ours does with `set`: how many entries to make below `path` */
    readonly count: number;
  };
}

const PATCH_PER_ACTION = process.env.PATCHES === "action";
/** With no interval at all, Colyseus starts a clock of 16 ms instead. */
const ALMOST_NEVER_MS = 3_600_000;
const MAX_PAYLOAD = 1024 * 1024;

class BareRoom extends Room<{ state: SchemaType<typeof State>; client: Client<{ userData: string }> }> {
  override state = new State();
  override patchRate = PATCH_PER_ACTION ? ALMOST_NEVER_MS : 50;

  override messages = {
    command: (client: Client, command: Command) => {
      this.state.seq++;
      this.#apply(client.sessionId, command);
      if (PATCH_PER_ACTION) this.broadcastPatch();
      return { seq: this.state.seq };
    },
  };

  override async onDrop(client: Client): Promise<void> {
    await this.allowReconnection(client, 60).catch(() => {
      // the window is over, or the room is: nothing is kept here
    });
  }

  #apply(by: string, { action, payload }: Command): void {
    const { path, value } = payload;
    if (action === "fill") for (let n = 0; n < payload.count; n++) this.#write(`${path}/${n}`, value, by);
    else if (action === "set") this.#write(path, value, by);
    else if (action === "increment") this.#write(path, Number(this.#read(path) ?? 0) + payload.by, by);
    else {
      const all = [...((this.#read(path) as unknown[] | undefined) ?? []), ...payload.values];
      this.#write(path, payload.max === undefined ? all : all.slice(-payload.max), by);
    }
  }

  #read(path: string): unknown {
    const entry = this.state.entries.get(path);
    return entry === undefined ? undefined : JSON.parse(entry.value);
  }

  #write(path: string, json: unknown, by: string): void {
    const value = JSON.stringify(json);
    const entries: MapSchema<EntrySchema> = this.state.entries;
    const entry = entries.get(path);
    if (entry === undefined) entries.set(path, new Entry({ value, version: this.state.seq, by }));
    else entry.assign({ value, version: this.state.seq, by });
  }
}

Encoder.BUFFER_SIZE = Number(process.env.BUFFER_KIB ?? 16) * 1024;
matchMaker.controller.exposedMethods = ["joinOrCreate", "reconnect"];
const server = defineServer({
  rooms: { session: defineRoom(BareRoom).filterBy(["sessionId"]) },
  transport: new WebSocketTransport({ maxPayload: MAX_PAYLOAD }),
  greet: false,
});
await server.listen(Number(process.env.PORT), "127.0.0.1");
