import { useSignal } from "@preact/signals";
import { ask, seg } from "../api/ask.ts";
import type { InvitePreview, Status } from "../api/shapes.ts";
import { at, facts } from "../facts.ts";
import { SignIn } from "../identity/sign-in.tsx";
import { keepInvite, keepSignedIn, me, signIn } from "../identity/signed-in.ts";
import { StatusTag } from "../people/status-tag.tsx";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Time } from "../widgets/time.tsx";

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  created: "It has not begun yet. You can take your seat already.",
  live: "It is under way.",
  paused: "It is paused. You can take your seat; play goes on when the GM says so.",
  ended: "It has ended, so there is no seat to take any more.",
};

export interface InviteCardProps {
  readonly invite: string;
  readonly preview: InvitePreview;
  /** it is good for anybody, though not for who is signed in, if somebody is */
  readonly asNobody: boolean;
}

export function InviteCard({ invite, preview, asNobody }: InviteCardProps) {
  const { campaignName, sessionTitle, status, role, expiresAt, usesLeft } = preview;
  return (
    <section class="panel stack" aria-label="Your invite">
      <p class="dim">You are invited to</p>
      <h1 dir="auto">{campaignName}</h1>
      <p class="row">
        <b dir="auto">{sessionTitle}</b>
        <StatusTag status={status} />
        <span class="tag">as {roleWord(role)}</span>
      </p>
      <p class="dim">{STATUS_WORDS[status]}</p>
      {status !== "ended" && <Seat invite={invite} preview={preview} asNobody={asNobody} />}
      <p class="small dim">
        Good until <Time at={expiresAt} />
        {usesLeft > 0 && `, for ${usesLeft === 1 ? "one more person" : `${usesLeft} more people`}`}. Opening this page
        uses nothing up.
      </p>
    </section>
  );
}

/** `Join` at once for who is signed in; a guest gives a name. */
function Seat({ invite, preview: { sessionId }, asNobody }: InviteCardProps) {
  const act = useAct();
  const name = useSignal("");
  const asGuest = facts.guests && asNobody;
  const go = () => {
    keepSignedIn();
    keepInvite(sessionId, invite);
    location.assign(at(`play/${seg(sessionId)}`));
  };
  const joinAsGuest = (event: Event) => {
    event.preventDefault();
    return act.run(async () => {
      const path = `api/invites/${seg(invite)}/guest`;
      const { token } = await ask<{ token: string }>("POST", path, { name: name.value.trim() }, { as: null });
      signIn(token);
      go();
    });
  };
  if (me.value !== undefined && !asGuest) {
    return (
      <p class="row">
        <button type="button" class="main" onClick={go}>
          Join
        </button>
        <span class="dim">
          as <bdi>{me.value.name}</bdi>
        </span>
      </p>
    );
  }
  if (!asGuest) return <SignIn />;
  return (
    <>
      <form onSubmit={joinAsGuest}>
        <label>
          Your name
          <input
            value={name}
            required
            maxLength={100}
            dir="auto"
            autocomplete="nickname"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <Failure of={act} />
        <div class="row">
          <button type="submit" class="main" disabled={act.busy.value}>
            Join
          </button>
          <span class="dim small">as a guest, without an account</span>
        </div>
      </form>
      {me.value === undefined && (
        <details>
          <summary>I have an account</summary>
          <SignIn />
        </details>
      )}
    </>
  );
}
