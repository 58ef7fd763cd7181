/**
 * What a request to join has reserved. The framework tries a join several times, and may fail after our part of it: what a
 * try has reserved is given back before the next one, and when the last has failed.
 */
const reserved = new WeakMap<object, () => void>();

/** @param request the framework's context of it, the same for all tries @param giveBack does nothing once it is taken up */
export function hasReserved(request: object, giveBack: () => void): void {
  reserved.set(request, giveBack);
}

/** A try is over without a seat, or there was none yet. */
export function tryFailed(request: object): void {
  reserved.get(request)?.();
  reserved.delete(request);
}
