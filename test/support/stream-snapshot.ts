import type { EntryView, ParticipantView } from "./table.ts";

/** The first event of a session's stream: contract, section 6. */
export interface StreamSnapshot {
  readonly seq: number;
  readonly status: string;
  readonly title: string;
  readonly entries: Readonly<Record<string, EntryView>>;
  readonly participants: Readonly<Record<string, ParticipantView>>;
}

/** Opens a stream, reads its snapshot and closes it. @throws on any other answer */
export async function firstSnapshot(url: string, sessionId: string, token: string): Promise<StreamSnapshot> {
  const stop = new AbortController();
  const answer = await fetch(`${url}/api/sessions/${sessionId}/stream`, {
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
  });
  try {
    if (answer.status !== 200 || answer.body === null) throw new Error(`stream: ${answer.status}`);
    let text = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const event = /^event: snapshot\ndata: (.*)\n\n/m.exec(text);
      if (event !== null) return JSON.parse(event[1]!) as StreamSnapshot;
    }
    throw new Error("the stream ended before its snapshot");
  } finally {
    stop.abort();
  }
}
