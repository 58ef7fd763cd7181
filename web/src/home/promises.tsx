import { Icon, type IconName } from "../widgets/icon.tsx";

const PROMISES: readonly (readonly [icon: IconName, title: string, text: string])[] = [
  [
    "seal",
    "Saved before it is shown",
    "A change is on disk before anyone sees it. A crash costs a moment, never a move.",
  ],
  ["link", "Back by itself", "A lost line, a closed laptop, another phone: you are back in your own seat."],
  ["hidden", "Hidden stays hidden", "What is not yours to see is never sent to you, in no form."],
];

export function Promises() {
  return (
    <ul class="promises">
      {PROMISES.map(([icon, title, text]) => (
        <li key={title}>
          <Icon name={icon} />
          <div>
            <b>{title}</b>
            <p class="dim">{text}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
