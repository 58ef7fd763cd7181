import type { ComponentChildren } from "preact";
import type { Participant } from "../../../clients/js/src/index.ts";
import type { Seat } from "../table/seat.ts";
import { mistakable } from "./names.ts";
import { PresenceWords } from "./presence.tsx";
import { Sign } from "./sign.tsx";
import { UserId } from "./user-id.tsx";
import { roleWord } from "./words.ts";
import "./people.css";

export interface PeopleProps {
  readonly seat: Seat;
  /** more about a person, and what may be done: in the console */
  readonly more?: (person: Participant) => ComponentChildren;
  /** whether everybody's id is shown, and not only where it tells two apart */
  readonly withIds?: boolean;
  /** further items of the list */
  readonly after?: ComponentChildren;
}

const RANKS = { gm: 0, player: 1, spectator: 2 } as const;

/** Everybody with a place, those who are away and whose place is kept included. */
export function People({ seat, more, withIds = false, after }: PeopleProps) {
  seat.beat.value;
  const people = [...seat.table.state.participants.values()].sort(
    (one, other) => RANKS[one.role] - RANKS[other.role] || one.joinedAt - other.joinedAt,
  );
  const doubtful = mistakable(people);
  const here = people.filter(({ presence }) => presence !== "disconnected").length;
  return (
    <section class="panel people" aria-label="People at the table">
      <details open>
        <summary>
          <h2>People</h2>
          <span class="tag">
            {here} of {people.length} here
          </span>
        </summary>
        <ul aria-label="People">
          {people.map((person) => (
            <li key={person.userId} class={person.presence === "disconnected" ? "person away" : "person"}>
              <Sign userId={person.userId} name={person.name} presence={person.presence} />
              <div class="person-words">
                <span class="row">
                  <b dir="auto">{person.name}</b>
                  {(withIds || doubtful.has(person.userId)) && <UserId id={person.userId} />}
                  <span class={person.role === "gm" ? "tag gm" : "tag"}>{roleWord(person.role)}</span>
                  {person.userId === seat.userId && <span class="small dim">you</span>}
                </span>
                <PresenceWords of={person} />
                {more?.(person)}
              </div>
            </li>
          ))}
          {after}
        </ul>
      </details>
    </section>
  );
}
