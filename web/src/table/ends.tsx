import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { base } from "../facts.ts";
import { SignIn } from "../identity/sign-in.tsx";
import { keepSignedIn } from "../identity/signed-in.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon, type IconName } from "../widgets/icon.tsx";
import type { Standing } from "./standing.ts";
import type { Visit } from "./visit.ts";
import "./ends.css";

interface EndWords {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  /** what the button for another try says */
  readonly again?: string;
}

const WORDS: Partial<Readonly<Record<Standing, EndWords>>> = {
  connecting: { icon: "wait", title: "Taking your seat…", text: "The table will be here in a moment." },
  waiting: {
    icon: "wait",
    title: "The GM knows that you are here",
    text: "You will be let in from here: leave this page open. A long wait is no fault of yours; a word to the GM elsewhere helps.",
  },
  denied: {
    icon: "close",
    title: "The GM did not let you in",
    text: "You may ask again in half a minute, or speak with the GM elsewhere first.",
    again: "Ask again",
  },
  removed: {
    icon: "leave",
    title: "You were taken off the table",
    text: "A GM freed your seat. Nothing that you did is lost, and you may sit down again unless the GM asks you not to.",
    again: "Sit down again",
  },
  banned: {
    icon: "hidden",
    title: "You cannot come back to this table",
    text: "A GM has banned you from this session. If that is a mistake, write to them: they can lift it.",
  },
  full: {
    icon: "wait",
    title: "Every seat is taken",
    text: "A seat of somebody who lost their connection is kept for a while. Try again soon, or ask the GM for one more seat.",
    again: "Try again",
  },
  ended: {
    icon: "check",
    title: "This session has ended",
    text: "Thank you for playing. Everything that was at the table is kept by the server, and nothing of it in this browser.",
  },
  revoked: {
    icon: "leave",
    title: "You have no seat here any more",
    text: "Your invite was revoked, or you were taken out of the campaign. A GM can invite you anew.",
  },
  unknown: {
    icon: "hidden",
    title: "No such table, or not one for you",
    text: "Is the address whole? Are you signed in as the right person? Otherwise ask the GM for an invite.",
  },
  elsewhere: {
    icon: "link",
    title: "You went on at another device",
    text: "This one gave its connection to a newer one of yours.",
    again: "Go on here",
  },
  left: { icon: "leave", title: "You have left the table", text: "Your seat is free now.", again: "Sit down again" },
  broken: {
    icon: "lost",
    title: "This page and the server do not understand each other",
    text: "Most likely the server was updated. Load the page again; what you had not sent yet is kept.",
  },
};

/** In place of the table: why there is none, and what one can do. */
export function End({ visit, children }: { readonly visit: Visit; readonly children?: ComponentChildren }) {
  const standing = visit.standing.value;
  if (standing === "signed-out") {
    return (
      <section class="panel stack end" aria-label="Sign in">
        <h2>Sign in to take your seat</h2>
        <SignIn />
      </section>
    );
  }
  const { icon, title, text, again } = WORDS[standing] ?? WORDS.broken!;
  return (
    <section class="panel stack end" aria-label={title}>
      <Icon name={icon} />
      <h2>{title}</h2>
      <p class="dim">{text}</p>
      {visit.denial.value !== undefined && (
        <p>
          The GM says: <bdi>{visit.denial.value}</bdi>
        </p>
      )}
      {standing === "waiting" && <Word visit={visit} />}
      <div class="row">
        {again !== undefined && (
          <button type="button" class="main" onClick={() => visit.begin()}>
            {again}
          </button>
        )}
        {standing === "broken" && (
          <button type="button" class="main" onClick={() => location.reload()}>
            Load again
          </button>
        )}
        {standing !== "connecting" && standing !== "waiting" && (
          <a class="button" href={base.href} onClick={keepSignedIn}>
            My campaigns
          </a>
        )}
      </div>
      {children}
    </section>
  );
}

/** Something to say to the GM while one waits. */
function Word({ visit }: { readonly visit: Visit }) {
  const text = useSignal("");
  const said = useSignal(false);
  const act = useAct();
  const submit = async (event: Event) => {
    event.preventDefault();
    said.value = await act.run(() => visit.say(text.value.trim()));
  };
  if (said.value) return <p class="dim">The GM can read it.</p>;
  return (
    <form class="beside-form" onSubmit={submit}>
      <input
        aria-label="A word for the GM"
        placeholder="It's Kim, on my phone"
        required
        maxLength={500}
        dir="auto"
        value={text}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <button type="submit" disabled={act.busy.value}>
        Send
      </button>
      <Failure of={act} />
    </form>
  );
}
