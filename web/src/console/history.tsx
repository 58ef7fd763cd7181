import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api/ask.ts";
import type { AuditEvent, History } from "../api/shapes.ts";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Time } from "../widgets/time.tsx";
import { spanText } from "../widgets/when.ts";
import { pictureOf } from "./attendance.ts";
import { EveningChart } from "./evening-picture.tsx";
import type { SessionFile } from "./session-file.ts";

interface Read {
  readonly history: History;
  readonly events: readonly AuditEvent[];
  readonly at: number;
}

/** Who was there, when and for how long. */
export function HistoryTab({ file }: { readonly file: SessionFile }) {
  const read = useSignal<Read | undefined>(undefined);
  const act = useAct();
  const load = () =>
    act.run(async () => {
      const [history, events] = await Promise.all([ask<History>("GET", file.path("history")), file.events(0)]);
      read.value = { history, events, at: Date.now() };
    });
  useEffect(() => void load(), [file]);
  if (read.value === undefined)
    return act.failure.value === undefined ? <p class="dim">Reading…</p> : <Failure of={act} />;
  const { history, events, at } = read.value;
  return (
    <div class="stack">
      <dl class="figures">
        <div>
          <dt>Live</dt>
          <dd>{spanText(history.liveSeconds)}</dd>
        </div>
        <div>
          <dt>Paused</dt>
          <dd>{spanText(history.pausedSeconds)}</dd>
        </div>
        <div>
          <dt>People</dt>
          <dd>{history.participants.length}</dd>
        </div>
      </dl>
      {history.participants.length > 0 && <EveningChart picture={pictureOf(events, at)} />}
      <div class="scrolling">
        <table class="plain-table">
          <caption class="unseen">Attendance</caption>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">There</th>
              <th scope="col">First and last seen</th>
            </tr>
          </thead>
          <tbody>
            {history.participants.map((person) => (
              <tr key={person.userId}>
                <th scope="row">
                  <bdi>{person.name}</bdi>{" "}
                  <span class="small dim">
                    {roleWord(person.role)}
                    {person.via === "member" ? "" : ", by invite"}
                  </span>
                </th>
                <td>{spanText(person.onlineSeconds)}</td>
                <td>
                  <Time at={person.firstJoinedAt} /> – <Time at={person.lastSeenAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Failure of={act} />
      <button type="button" class="plain small" disabled={act.busy.value} onClick={load}>
        Refresh
      </button>
    </div>
  );
}
