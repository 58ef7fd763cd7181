/** Where clients reach what is tested: a balancer or one server, or several servers, each of which answers about everything. */
export type Endpoints = readonly [string, ...string[]];

/** The endpoint of a number from 0: one after the other. */
export function endpointOf(endpoints: Endpoints, number: number): string {
  return endpoints[number % endpoints.length] as string;
}

/** The same ones, beginning with that of a number from 0. */
export function from(endpoints: Endpoints, number: number): Endpoints {
  return endpoints.map((_, index) => endpointOf(endpoints, number + index)) as unknown as Endpoints;
}

/** The same ones by the scheme of WebSockets. */
export function webSockets(endpoints: Endpoints): Endpoints {
  return endpoints.map((endpoint) => endpoint.replace(/^http/, "ws")) as unknown as Endpoints;
}

/** The endpoint at which a client is, and the next one where it does not let them in: that server may be gone. */
export class EndpointInUse {
  readonly #endpoints: Endpoints;
  #number = 0;

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  get now(): string {
    return endpointOf(this.#endpoints, this.#number);
  }

  next(): void {
    this.#number++;
  }
}
