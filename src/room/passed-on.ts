/** By socket: the process of ours that passes it on. */
const passers = new WeakMap<object, string>();

/** Another process of ours passes this socket's bytes on. */
export function isPassedOn(socket: object, by: string): void {
  passers.set(socket, by);
}

/** Which process of ours passes a socket's bytes on; undefined: its client is connected to this one. */
export function passerOf(socket: object): string | undefined {
  return passers.get(socket);
}
