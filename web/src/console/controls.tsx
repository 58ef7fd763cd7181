import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Seat } from "../table/seat.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Confirm } from "../widgets/confirm.tsx";
import { Icon } from "../widgets/icon.tsx";
import { Time } from "../widgets/time.tsx";
import { isTyping, pausesByKey } from "./pause-key.ts";
import type { SessionFile } from "./session-file.ts";

export interface ControlsProps {
  readonly seat: Seat;
  readonly file: SessionFile;
}

/** The session's steps. One key pauses and resumes, wherever one is but in a field. */
export function Controls({ seat, file }: ControlsProps) {
  const reason = useSignal("");
  const ending = useSignal(false);
  const act = useAct();
  seat.beat.value;
  const { status, statusSince } = seat.table.state;

  const step = (name: "start" | "pause" | "resume", why?: string) =>
    act.run(async () => {
      await file.step(name, why === "" ? undefined : why);
      reason.value = "";
    });
  const pause = (event?: Event) => {
    event?.preventDefault();
    void step("pause", reason.value.trim());
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "p" || !pausesByKey.value || isTyping(event)) return;
      event.preventDefault();
      const now = seat.table.state.status;
      if (now === "live") pause();
      else if (now === "paused") void step("resume");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [seat]);

  return (
    <section class="panel controls" aria-label="The session">
      {status === "created" && (
        <button type="button" class="main" disabled={act.busy.value} onClick={() => step("start")}>
          <Icon name="play" />
          Start
        </button>
      )}
      {status === "live" && (
        <form class="pause-form" onSubmit={pause}>
          <button type="submit" class="main" disabled={act.busy.value} aria-keyshortcuts="p">
            <Icon name="pause" />
            Pause
          </button>
          <input
            aria-label="Reason"
            placeholder="why (all see it)"
            maxLength={500}
            dir="auto"
            value={reason}
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
        </form>
      )}
      {status === "paused" && (
        <button
          type="button"
          class="main"
          disabled={act.busy.value}
          aria-keyshortcuts="p"
          onClick={() => step("resume")}
        >
          <Icon name="play" />
          Resume
        </button>
      )}
      <span class="small dim">
        {status === "created" ? "prepared" : status} since <Time at={statusSince} />
        {(status === "live" || status === "paused") && pausesByKey.value && (
          <span class="key-hint">
            {" "}
            · <kbd>P</kbd> {status === "live" ? "pauses" : "goes on"}
          </span>
        )}
      </span>
      <button type="button" class="bad end-button" onClick={() => (ending.value = true)}>
        End session
      </button>
      <Failure of={act} />
      {ending.value && (
        <Confirm
          name="End session"
          title="End this session for good?"
          run={() => file.step("terminate")}
          onClose={() => (ending.value = false)}
        >
          <p>
            Everybody leaves the table, and nobody can come back to it. What is on it, who was there and what they did
            stays to be read, and another evening can go on from it. It cannot be opened again.
          </p>
        </Confirm>
      )}
    </section>
  );
}
