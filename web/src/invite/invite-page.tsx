import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, Refused, seg, wordsOf } from "../api/ask.ts";
import type { InvitePreview } from "../api/shapes.ts";
import { facts } from "../facts.ts";
import { Frame } from "../frame/frame.tsx";
import { isGuest } from "../identity/claims.ts";
import { SignIn } from "../identity/sign-in.tsx";
import { me, signOut } from "../identity/signed-in.ts";
import { InviteCard } from "./invite-card.tsx";
import { NoInvite } from "./no-invite.tsx";
import "./invite.css";

type Looked =
  | { readonly is: "looking" }
  | { readonly is: "good"; readonly preview: InvitePreview; readonly asNobody: boolean }
  | { readonly is: "bad" }
  | { readonly is: "for-whom" }
  | { readonly is: "failed"; readonly why: string };

/** What an invite is for, before anything is asked. Opening it, by a person or a chat program, uses nothing up. */
export function InvitePage({ invite }: { readonly invite: string }) {
  const looked = useSignal<Looked>({ is: "looking" });
  const person = me.value?.userId;
  const look = async () => {
    looked.value = await lookAt(invite);
  };
  useEffect(() => void look(), [person, invite]);
  return (
    <Frame onSignOut={signOut}>
      <div class="invite">
        <Content looked={looked.value} invite={invite} onAgain={look} />
      </div>
    </Frame>
  );
}

interface ContentProps {
  readonly looked: Looked;
  readonly invite: string;
  readonly onAgain: () => void;
}

function Content({ looked, invite, onAgain }: ContentProps) {
  switch (looked.is) {
    case "looking":
      return <p class="dim">Looking at your invite…</p>;
    case "good":
      return <InviteCard invite={invite} preview={looked.preview} asNobody={looked.asNobody} />;
    case "bad":
      return <NoInvite />;
    case "for-whom":
      return (
        <section class="panel stack" aria-label="Sign in">
          <h1>You are invited</h1>
          <p class="dim">Say who you are, and you will see what to.</p>
          <SignIn />
        </section>
      );
    case "failed":
      return (
        <section class="panel stack" aria-label="No answer">
          <h1>The invite cannot be looked up now</h1>
          <p class="dim">{looked.why}</p>
          <button type="button" class="main" onClick={onAgain}>
            Try again
          </button>
        </section>
      );
  }
}

async function lookAt(invite: string): Promise<Looked> {
  const path = `api/invites/${seg(invite)}`;
  try {
    return { is: "good", preview: await ask<InvitePreview>("GET", path), asNobody: me.value === undefined };
  } catch (error) {
    if (!(error instanceof Refused)) return { is: "failed", why: wordsOf(error) };
    if (error.status === 401) return { is: "for-whom" };
    if (error.status !== 404) return { is: "failed", why: error.message };
  }
  // A guest of another table knows that table alone; as nobody in particular, they may be a guest here too.
  if (!facts.guests || me.value === undefined || !isGuest(me.value)) return { is: "bad" };
  try {
    return { is: "good", preview: await ask<InvitePreview>("GET", path, undefined, { as: null }), asNobody: true };
  } catch {
    return { is: "bad" };
  }
}
