import { useSignal } from "@preact/signals";
import { NameOf } from "../people/name-of.tsx";
import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";
import { ROLLS_PATH, type Roll, rollsIn } from "./rolls.ts";

const PLACE = "dice";
const SIDES = [20, 12, 10, 8, 6, 4] as const;
const SHOWN = 4;

/** Dice that the server rolls, for all to see. */
export function Dice({ seat, rolls }: { readonly seat: Seat; readonly rolls: boolean }) {
  const dice = useSignal("");
  seat.beat.value;
  const [last, ...before] = [...rollsIn(seat.table.get(ROLLS_PATH))].slice(-SHOWN).reverse();
  const roll = (what: string) => {
    seat.doing("rolling");
    void seat.send(PLACE, "roll", { dice: what });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    roll(dice.value);
  };
  return (
    <section class="panel stack" aria-label="Dice">
      <h3>Dice</h3>
      {last !== undefined && <LastRoll key={last.n} seat={seat} roll={last} />}
      {before.map((one) => (
        <p key={one.n} class="small dim">
          <NameOf seat={seat} userId={one.by} />: {one.dice} → {one.total}
        </p>
      ))}
      {rolls && (
        <>
          <div class="dice-row">
            {SIDES.map((sides) => (
              <button type="button" class="small" key={sides} onClick={() => roll(`d${sides}`)}>
                d{sides}
              </button>
            ))}
          </div>
          <form class="beside-form" onSubmit={submit}>
            <input
              aria-label="Dice to roll"
              placeholder="2d6+1"
              required
              autocomplete="off"
              value={dice}
              onInput={(event) => (dice.value = event.currentTarget.value)}
            />
            <button type="submit">
              <Icon name="dice" />
              Roll
            </button>
          </form>
        </>
      )}
      <Refusal seat={seat} place={PLACE} />
    </section>
  );
}

function LastRoll({ seat, roll: { by, dice, rolled, total } }: { readonly seat: Seat; readonly roll: Roll }) {
  return (
    <div class="last-roll" aria-live="polite">
      <output class="total">{total}</output>
      <span>
        <NameOf seat={seat} userId={by} /> rolled {dice}
        {rolled.length > 1 && <span class="small dim"> ({rolled.join(" + ")})</span>}
      </span>
    </div>
  );
}
