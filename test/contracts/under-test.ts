import type { Stores } from "../../src/ports/stores.ts";

/** Stores that a contract suite works on: empty at first, and its own alone. */
export interface StoresUnderTest {
  /** as they are open now */
  stores: Stores;
  /** Closes and opens again what was kept; `stores` are the new ones then. */
  reopen(): Promise<Stores>;
  /** Takes one stored part of a snapshot away, as damage would. Absent where snapshots have no parts. */
  readonly losePart?: (sessionId: string, pos: number) => Promise<void>;
  /** Closes them and removes what they kept. */
  dispose(): Promise<void>;
}

/** Opens empty stores. */
export type OpenStores = () => Promise<StoresUnderTest>;

/** Stores for the tests of one `describe`: opened before each, disposed of after each. */
export function eachTestWith(open: OpenStores): () => StoresUnderTest {
  let current: StoresUnderTest | undefined;
  beforeEach(async () => {
    current = await open();
  });
  afterEach(async () => {
    await current?.dispose();
    current = undefined;
  });
  return () => {
    if (current === undefined) throw new Error("No test is running.");
    return current;
  };
}
