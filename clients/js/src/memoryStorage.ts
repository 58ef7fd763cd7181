import type { OutboxStorage, StoredCommand } from "./storage.ts";

/** Commands survive a drop and a server's death, not a reload. The same object, handed to a second `connect`, does keep them. */
export function memoryStorage(): OutboxStorage {
  const scopes = new Map<string, Map<string, StoredCommand>>();
  let commands = new Map<string, StoredCommand>();
  return {
    load(scope) {
      commands = scopes.get(scope) ?? new Map();
      scopes.set(scope, commands);
      return [...commands.values()].sort((one, other) => one.order - other.order);
    },
    put: (command) => void commands.set(command.id, command),
    remove: (command) => void commands.delete(command.id),
    clear: () => commands.clear(),
  };
}
