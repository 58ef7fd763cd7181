import { emptyBacking } from "../../src/stores/memory/backing.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { storesContract } from "./all.ts";
import type { OpenStores, StoresUnderTest } from "./under-test.ts";

const open: OpenStores = async () => {
  const backing = emptyBacking();
  const underTest: StoresUnderTest = {
    stores: openMemoryStores(backing),
    async reopen() {
      await underTest.stores.close();
      underTest.stores = openMemoryStores(backing);
      return underTest.stores;
    },
    dispose: () => underTest.stores.close(),
  };
  return underTest;
};

storesContract("memory", open, { onDisk: false });
