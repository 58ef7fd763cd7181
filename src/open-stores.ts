import type { Config } from "./config.ts";
import type { Stores } from "./ports/stores.ts";
import { CannotOpenData } from "./stores/open-error.ts";

/**
 * Opens the stores that the configuration names. Each is loaded only where it is used: a driver costs a start more than
 * all our own code.
 * @param onVanished told once that the files of the embedded store are gone or were replaced: nothing is stored any more
 * @param forReading nothing is written, neither by opening them nor by what follows: for who looks over what is there
 * @throws CannotOpenData
 */
export async function openStores(
  { mongodbUri: uri, dataDir: folder }: Pick<Config, "mongodbUri" | "dataDir">,
  { forReading = false, onVanished = () => {} }: { forReading?: boolean; onVanished?: (message: string) => void } = {},
): Promise<Stores> {
  if (uri === null) {
    const { openSqliteStores } = await import("./stores/sqlite/stores.ts");
    try {
      return await openSqliteStores({ folder, forReading, onVanished });
    } catch (error) {
      // A start error names its variable; the store itself knows of none.
      throw error instanceof CannotOpenData ? new CannotOpenData(`DATA_DIR: ${error.message}`) : error;
    }
  }
  return await (await import("./stores/mongo/stores.ts")).openMongoStores({ uri, forReading });
}
