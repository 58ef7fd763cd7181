import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Knock } from "../../../clients/js/src/index.ts";
import { ask, Refused, seg } from "../api/ask.ts";
import { Sign } from "../people/sign.tsx";
import { UserId } from "../people/user-id.tsx";
import { roleWord } from "../people/words.ts";
import type { Seat } from "../table/seat.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { Time } from "../widgets/time.tsx";
import { knockSound } from "./knock-sound.ts";
import type { SessionFile } from "./session-file.ts";

const AGAIN_MS = 1000;

export interface WaitingProps {
  readonly seat: Seat;
  readonly file: SessionFile;
}

/** Who asks to come in, and whether they must ask at all. Absent where the server has no waiting room. */
export function Waiting({ seat, file }: WaitingProps) {
  const act = useAct();
  seat.beat.value;
  const knocks = [...seat.table.state.knocks.values()].sort((one, other) => one.since - other.since);
  const admission = file.session.value?.settings.admission;
  useEffect(() => {
    if (file.session.value === undefined) file.load().catch(() => {});
  }, [file]);
  if (admission === undefined && knocks.length === 0) return null;
  const answer = (who: readonly Knock[], what: "admit" | "deny") =>
    act.run(async () => {
      for (const { userId } of who) await answerOne(file.path(`knocks/${seg(userId)}/${what}`));
    });
  return (
    <section class="panel stack" aria-label="The door">
      <div class="row spread">
        <label class="beside">
          Admission
          <select
            class="small"
            value={admission ?? "open"}
            disabled={act.busy.value}
            onChange={(event) => {
              const picked = event.currentTarget.value;
              return act.run(() => file.change({ settings: { admission: picked } }));
            }}
          >
            <option value="open">Open</option>
            <option value="approve">GM admits</option>
          </select>
        </label>
        <KnockSound count={knocks.length} />
      </div>
      {knocks.length > 0 && (
        <>
          <div class="row spread">
            <h3>
              Waiting <span class="tag wait">{knocks.length}</span>
            </h3>
            <button type="button" class="small" disabled={act.busy.value} onClick={() => answer(knocks, "admit")}>
              Admit all
            </button>
          </div>
          <ul class="stack" aria-label="Waiting">
            {knocks.map((knock) => (
              <Knocker
                key={knock.userId}
                knock={knock}
                busy={act.busy.value}
                onAnswer={(what) => answer([knock], what)}
              />
            ))}
          </ul>
        </>
      )}
      <Failure of={act} />
      <p class="unseen" aria-live="polite">
        {knocks.length > 0 && `${knocks.length} waiting to be admitted`}
      </p>
    </section>
  );
}

/** One after the other, for a server takes so many changes a second. Who does not wait any more needs no answer. */
async function answerOne(path: string): Promise<void> {
  for (;;) {
    try {
      return await ask("POST", path);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 404) return;
      if (error.status !== 429) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

interface KnockerProps {
  readonly knock: Knock;
  readonly busy: boolean;
  readonly onAnswer: (what: "admit" | "deny") => void;
}

/** Always with the id: a name can be anybody's. */
function Knocker({ knock: { userId, name, role, since, message }, busy, onAnswer }: KnockerProps) {
  return (
    <li class="person">
      <Sign userId={userId} name={name} />
      <div class="person-words">
        <span class="row">
          <b dir="auto">{name}</b>
          <UserId id={userId} />
          <span class="tag">{roleWord(role)}</span>
        </span>
        <span class="small dim">
          since <Time at={since} />
        </span>
        {message !== "" && <q dir="auto">{message}</q>}
        <div class="row person-tools">
          <button
            type="button"
            class="small main"
            aria-label={`Admit ${name}`}
            disabled={busy}
            onClick={() => onAnswer("admit")}
          >
            Admit
          </button>
          <button
            type="button"
            class="small"
            aria-label={`Deny ${name}`}
            disabled={busy}
            onClick={() => onAnswer("deny")}
          >
            Deny
          </button>
        </div>
      </div>
    </li>
  );
}

/** A knock can be heard. Off unless a GM wants it, and then for as long as the page is open. */
function KnockSound({ count }: { readonly count: number }) {
  const on = useSignal(false);
  const before = useRef(count);
  useEffect(() => {
    if (on.value && count > before.current) knockSound();
    before.current = count;
  }, [count]);
  return (
    <button type="button" class="plain small" aria-pressed={on.value} onClick={() => (on.value = !on.value)}>
      <Icon name="bell" />
      Sound {on.value ? "on" : "off"}
    </button>
  );
}
