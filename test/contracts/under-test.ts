import type { Stores } from "../../src/ports/stores.ts";

/** Stores that a contract suite works on: empty at first, and its own alone. */
export interface StoresUnderTest {
  /** as they are open now */
  stores: Stores;
  /** Closes and opens again what was kept; `stores` are the new ones then. */
  reopen(): Promise<Stores>;
  /** Takes one stored part of a snapshot away, as damage would. Absent where snapshots have no parts. */
  readonly losePart?: (sessionId: string, pos: number) => Promise<void>;
  /** Changes what is stored, as damage would. Absent where nothing is stored. */
  readonly garble?: (garbling: Garbling) => Promise<void>;
  /** Closes them and removes what they kept. */
  dispose(): Promise<void>;
}

/** The first `from` in a stored text becomes `to`, as long: in a field of the record at `pos`, or in the snapshot there. */
export interface Garbling {
  readonly sessionId: string;
  readonly pos: number;
  readonly where: "content" | "audit" | "at" | "snapshot";
  readonly from: string;
  readonly to: string;
}

/** The garbled text. @throws where there was nothing to garble */
export function garbled(text: string, { from, to }: Pick<Garbling, "from" | "to">): string {
  const changed = text.replace(from, to);
  if (changed === text || changed.length !== text.length) throw new Error(`${from} cannot become ${to} there.`);
  return changed;
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
