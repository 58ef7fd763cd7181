import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";

export interface CounterProps {
  readonly seat: Seat;
  readonly path: string;
  readonly title: string;
}

/** A number that everybody counts up and down, also at the same time. */
export function Counter({ seat, path, title }: CounterProps) {
  seat.beat.value;
  const value = seat.table.view().get(path);
  const place = `counter ${path}`;
  const step = (by: number) => seat.send(place, "increment", { path, by });
  return (
    <section class="panel stack" aria-label={title}>
      <div class="row spread">
        <h3>{title}</h3>
        <span class="steps">
          <button type="button" class="square" aria-label={`One less of ${title}`} onClick={() => step(-1)}>
            <Icon name="minus" />
          </button>
          <output class="count" aria-label={`${title} now`}>
            {typeof value === "number" ? value : 0}
          </output>
          <button type="button" class="square" aria-label={`One more of ${title}`} onClick={() => step(1)}>
            <Icon name="add" />
          </button>
        </span>
      </div>
      <Refusal seat={seat} place={place} />
    </section>
  );
}
