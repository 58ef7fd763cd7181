import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api/ask.ts";
import type { AuditEvent, History, Verdict } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { Time } from "../widgets/time.tsx";
import { auditWords } from "./audit-words.ts";
import type { SessionFile } from "./session-file.ts";

export interface AuditProps {
  readonly file: SessionFile;
  readonly nameOf: (userId: string) => string;
}

const PAGE = 100;

/** Who did what when, the newest first, and whether anybody has edited it. */
export function Audit({ file, nameOf }: AuditProps) {
  const events = useSignal<readonly AuditEvent[]>([]);
  const act = useAct();
  const load = (before: number | undefined) =>
    act.run(async () => {
      const end = before ?? (await ask<History>("GET", file.path("history"))).events + 1;
      const page = await file.events(Math.max(0, end - 1 - PAGE), PAGE);
      const older = page.filter(({ n }) => before === undefined || n < before).reverse();
      events.value = before === undefined ? older : [...events.value, ...older];
    });
  useEffect(() => void load(undefined), [file]);
  const oldest = events.value.at(-1)?.n ?? 0;
  return (
    <div class="stack">
      <Verify file={file} />
      <div class="scrolling">
        <table class="plain-table">
          <caption class="unseen">Audit trail, the newest first</caption>
          <thead class="unseen">
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {events.value.map((event) => (
              <tr key={event.n}>
                <td class="small dim">
                  <Time at={event.at} />
                </td>
                <td>
                  <EventWords event={event} nameOf={nameOf} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Failure of={act} />
      <div class="row">
        {oldest > 1 && (
          <button type="button" class="small" disabled={act.busy.value} onClick={() => load(oldest)}>
            Earlier
          </button>
        )}
        <button type="button" class="plain small" disabled={act.busy.value} onClick={() => load(undefined)}>
          Refresh
        </button>
      </div>
    </div>
  );
}

function EventWords({ event, nameOf }: { readonly event: AuditEvent; readonly nameOf: (userId: string) => string }) {
  const { kind, actor, data } = event;
  const { userId, reason } = data;
  return (
    <>
      <b>{actor.userId === null ? "The server" : <bdi>{nameOf(actor.userId)}</bdi>}</b> {auditWords(kind)}
      {typeof userId === "string" && (
        <>
          {" "}
          <bdi>{nameOf(userId)}</bdi>
        </>
      )}
      {typeof reason === "string" && reason !== "" && (
        <>
          : <bdi>{reason}</bdi>
        </>
      )}
    </>
  );
}

function Verify({ file }: { readonly file: SessionFile }) {
  const verdict = useSignal<Verdict | undefined>(undefined);
  const act = useAct();
  const verify = () =>
    act.run(async () => {
      verdict.value = await ask<Verdict>("GET", file.path("events/verify"));
    });
  const { valid, count, firstBrokenAt } = verdict.value ?? { valid: true, count: 0, firstBrokenAt: null };
  return (
    <div class="row">
      <button type="button" disabled={act.busy.value} onClick={verify}>
        <Icon name="seal" />
        Verify
      </button>
      {verdict.value !== undefined && (
        <span role="status" class={valid ? "tag good" : "tag bad"}>
          {valid ? `valid · ${count} events` : `broken at event ${firstBrokenAt}`}
        </span>
      )}
      <Failure of={act} />
    </div>
  );
}
