import { useId } from "preact/hooks";
import { seg } from "../api/ask.ts";
import type { Session } from "../api/shapes.ts";
import { at } from "../facts.ts";
import { keepSignedIn } from "../identity/signed-in.ts";
import { StatusTag } from "../people/status-tag.tsx";
import { Time } from "../widgets/time.tsx";

export interface SessionRowProps {
  readonly session: Session;
  readonly isGm: boolean;
}

export function SessionRow({ session, isGm }: SessionRowProps) {
  const { id, title, status, online } = session;
  const name = useId();
  return (
    <li class="session">
      <div class="session-what">
        <b id={name} dir="auto">
          {title}
        </b>
        <span class="small dim">
          <Since session={session} />
          {online > 0 && ` · ${online} online`}
        </span>
      </div>
      <StatusTag status={status} />
      <div class="row session-links">
        {isGm && (
          <Link id={`${name}-console`} to={`console/${seg(id)}`} text="Console" of={name} main={status !== "ended"} />
        )}
        <Link id={`${name}-table`} to={`play/${seg(id)}`} text="Table" of={name} main={!isGm && status !== "ended"} />
      </div>
    </li>
  );
}

interface LinkProps {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  /** the id of what tells it from its like */
  readonly of: string;
  readonly main: boolean;
}

function Link({ id, to, text, of, main }: LinkProps) {
  return (
    <a
      id={id}
      class={main ? "button small main" : "button small"}
      href={at(to)}
      aria-labelledby={`${id} ${of}`}
      onClick={keepSignedIn}
    >
      {text}
    </a>
  );
}

function Since({ session: { status, createdAt, startedAt, endedAt } }: Pick<SessionRowProps, "session">) {
  if (status === "ended" && endedAt !== null) {
    return (
      <>
        ended <Time at={endedAt} />
      </>
    );
  }
  if (startedAt !== null) {
    return (
      <>
        since <Time at={startedAt} />
      </>
    );
  }
  return (
    <>
      prepared <Time at={createdAt} />
    </>
  );
}
