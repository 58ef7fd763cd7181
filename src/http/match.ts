import type { Method, Route } from "./route.ts";

/** A path pattern and what may be done there. */
export interface Place {
  readonly pattern: string;
  readonly routes: ReadonlyMap<Method, Route>;
  /** nothing there needs a token */
  readonly open: boolean;
}

/** A place with the segments that stood for its parameters, not yet decoded. */
export interface Match {
  readonly place: Place;
  readonly rawParams: Readonly<Record<string, string>>;
}

/**
 * Finds the place that a request's path names, segment by segment; literal segments win over parameters. Nothing is
 * decoded here, so that a slash or a fault in an encoded parameter cannot change which place is meant.
 * @throws where two routes have the same method and path
 */
export function placesOf(routes: readonly Route[]): (path: string) => Match | undefined {
  const byPattern = new Map<string, Map<Method, Route>>();
  for (const route of routes) {
    const there = byPattern.get(route.path) ?? new Map<Method, Route>();
    if (there.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    byPattern.set(route.path, there.set(route.method, route));
  }
  const places = [...byPattern].map(([pattern, at]) => ({
    place: { pattern, routes: at, open: [...at.values()].every((route) => route.open) },
    segments: pattern.split("/"),
    parameters: pattern.split("/:").length - 1,
  }));
  places.sort((a, b) => a.parameters - b.parameters);

  return (path) => {
    const asked = path.split("/");
    for (const { place, segments } of places) {
      const rawParams = parametersOf(segments, asked);
      if (rawParams !== undefined) return { place, rawParams };
    }
    return undefined;
  };
}

function parametersOf(segments: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== asked.length) return undefined;
  const rawParams: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const given = asked[i]!;
    if (!segment.startsWith(":")) {
      if (segment !== given) return undefined;
    } else if (given === "") return undefined;
    else rawParams[segment.slice(1)] = given;
  }
  return rawParams;
}

/** Parameters as they are meant; undefined where one is not percent-encoded UTF-8. */
export function decode(rawParams: Match["rawParams"]): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(rawParams).map(([name, raw]) => [name, decodeURIComponent(raw)]));
  } catch {
    return undefined;
  }
}
