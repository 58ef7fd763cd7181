export type { Answer, Command, Expect, Operation } from "./command.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export type { Divergence } from "./divergence.ts";
export {
  CommandNotStored,
  CommandRefused,
  type Conflict,
  JoinRefused,
  type Refusal,
  type RefusalCode,
  TableClosed,
} from "./errors.ts";
export type { Json, JsonObject } from "./json.ts";
export type { KeyValueStore } from "./key-value-store.ts";
export { type KnockAnswer, type KnockOptions, KnockRefused, knock, sendKnock } from "./knock.ts";
export { clearLocalStorageOutboxes, type LocalStorageOptions, localStorageOutbox } from "./localStorage.ts";
export type { NamedLocks } from "./locks.ts";
export { memoryStorage } from "./memoryStorage.ts";
export { RequestRefused } from "./room.ts";
export type * from "./state.ts";
export type { OutboxStorage, StoredCommand, TellTrouble } from "./storage.ts";
export type { Table } from "./table.ts";
export type { TableEvents } from "./tableEvents.ts";
export type { TokenNeed, TokenSource } from "./tokens.ts";
export type { SeenEntry, View } from "./view.ts";
