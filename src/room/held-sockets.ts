import type { WebSocket } from "ws";

/** So long at most a socket is held back at a time: what is behind it, a close frame or a pong, is to be seen soon. */
const LONGEST_HOLD_MS = 500;

interface Hold {
  /** who holds it until they let go */
  holders: number;
  /** held until then in any case, by the steady clock; 0 where nobody asked for a while of it */
  until: number;
}

const held = new WeakMap<object, Hold>();

/**
 * Stops reading a socket, so that TCP slows its sender. What was read already still comes.
 * @returns how to read on; it is read when nobody holds it any more
 */
export function holdWhile(socket: object): () => void {
  hold(socket).holders += 1;
  let isHolding = true;
  return () => {
    if (!isHolding) return;
    isHolding = false;
    hold(socket).holders -= 1;
    readUnlessHeld(socket);
  };
}

/** Stops reading a socket for so many ms, 500 at most; asked for again meanwhile, until the later end. */
export function holdFor(socket: object, milliseconds: number): void {
  const one = hold(socket);
  const isWaiting = one.until > 0;
  one.until = Math.max(one.until, performance.now() + Math.min(milliseconds, LONGEST_HOLD_MS));
  if (!isWaiting) waitUntilEnd(socket, one);
}

/** Whether a socket is not read just now: its silence says nothing. */
export function isHeld(socket: object): boolean {
  return held.has(socket);
}

function hold(socket: object): Hold {
  let one = held.get(socket);
  if (one === undefined) {
    one = { holders: 0, until: 0 };
    held.set(socket, one);
    (socket as WebSocket).pause();
  }
  return one;
}

function waitUntilEnd(socket: object, one: Hold): void {
  const timer = setTimeout(() => {
    if (one.until > performance.now()) {
      waitUntilEnd(socket, one);
      return;
    }
    one.until = 0;
    readUnlessHeld(socket);
  }, one.until - performance.now());
  timer.unref();
}

function readUnlessHeld(socket: object): void {
  const one = held.get(socket);
  if (one === undefined || one.holders > 0 || one.until > 0) return;
  held.delete(socket);
  (socket as WebSocket).resume();
}
