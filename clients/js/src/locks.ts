/** Holds a name until released; the page's end releases it, too. */
export interface NamedLocks {
  /** The release, or undefined where somebody else holds it for the whole of `waitMs`. Rejects where there are no locks to be had. */
  take(name: string, waitMs: number): Promise<(() => void) | undefined>;
}

interface WebLockManager {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    run: (lock: unknown) => Promise<void> | undefined,
  ): Promise<void>;
}

/** The page's own locks; undefined on an insecure origin and outside of browsers. */
export function webLocks(): NamedLocks | undefined {
  const manager = (globalThis as { navigator?: { locks?: WebLockManager } }).navigator?.locks;
  if (manager === undefined) return undefined;
  return {
    take: (name, waitMs) =>
      new Promise((resolve, reject) => {
        const hold = (lock: unknown) => {
          if (lock === null) {
            resolve(undefined);
            return undefined;
          }
          return new Promise<void>((free) => resolve(free));
        };
        const signal = waitMs === 0 ? undefined : AbortSignal.timeout(waitMs);
        const options = signal === undefined ? { ifAvailable: true } : { signal };
        manager.request(name, options, hold).catch((error: unknown) => {
          // In vain for so long; anything else says that this page may have no locks.
          if (signal?.aborted) resolve(undefined);
          else reject(error);
        });
      }),
  };
}
