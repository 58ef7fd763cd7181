import type { ComponentChildren } from "preact";
import { Frame } from "../frame/frame.tsx";
import { StatusTag } from "../people/status-tag.tsx";
import { StandingLine } from "./standing-line.tsx";
import type { Visit } from "./visit.ts";
import "./table-frame.css";

export interface TableFrameProps {
  readonly visit: Visit;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame of both pages of a session: its title, how it stands, and how one stands to it. */
export function TableFrame({ visit, tools, children }: TableFrameProps) {
  return (
    <Frame
      wide
      name={visit.seat.value?.me.value?.name}
      onSignOut={() => visit.signOut()}
      tools={tools}
      title={<TableTitle visit={visit} />}
    >
      {children}
    </Frame>
  );
}

function TableTitle({ visit }: Pick<TableFrameProps, "visit">) {
  const seat = visit.seat.value;
  seat?.beat.value;
  const { title = "", status } = seat?.table.state ?? {};
  return (
    <div class="table-title">
      <div class="row table-name">
        <h1 dir="auto">{title === "" ? "Table" : title}</h1>
        {status !== undefined && title !== "" && <StatusTag status={status} />}
      </div>
      <StandingLine standing={visit.standing.value} seat={seat} />
    </div>
  );
}
