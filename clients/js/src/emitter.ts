type Listener<Event> = (event: Event) => void;

/** A small typed emitter. A listener that throws stops nobody else: its error surfaces as an uncaught one. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `run` at every `name` from now on. The answer takes it off again. */
  on<Name extends keyof Events>(name: Name, run: Listener<Events[Name]>): () => void {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(name, listeners);
    }
    listeners.add(run);
    return () => listeners.delete(run);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const run of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (run as Listener<Events[Name]>)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
