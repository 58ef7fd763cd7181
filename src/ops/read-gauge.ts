import { Gauge, type Registry } from "prom-client";

/** Makes gauges that are read when they are asked for, so that nothing has to be set meanwhile. @param prefix of each name */
export function readGauges(registry: Registry, prefix: string) {
  return (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name: `${prefix}${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
}
