import type { Session } from "../api/shapes.ts";
import { StatusTag } from "../people/status-tag.tsx";
import { Time } from "../widgets/time.tsx";

export interface SessionRowProps {
  readonly session: Session;
}

export function SessionRow({ session }: SessionRowProps) {
  const { title, status, online } = session;
  return (
    <li class="session">
      <div class="session-what">
        <b dir="auto">{title}</b>
        <span class="small dim">
          <Since session={session} />
          {online > 0 && ` · ${online} online`}
        </span>
      </div>
      <StatusTag status={status} />
    </li>
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
