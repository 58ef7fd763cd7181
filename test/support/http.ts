export interface Answer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  /** the body as it came */
  readonly text: string;
  /** the body as JSON, null where it is empty or something else */
  readonly body: T;
}

/** One HTTP request, JSON in and out. A status is never an error here: tests look at it. */
export async function call<T = Record<string, unknown>>(
  url: string,
  method: string,
  path: string,
  request: {
    readonly token?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly withinMs?: number;
  } = {},
): Promise<Answer<T>> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(request.withinMs ?? 10_000),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: jsonOrNull(text) as T };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
