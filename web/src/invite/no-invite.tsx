import { base } from "../facts.ts";
import { SignIn } from "../identity/sign-in.tsx";
import { keepSignedIn, me } from "../identity/signed-in.ts";

/** For an invite that is not good for this person: the server does not say why, so that nobody can fish for invites. */
export function NoInvite() {
  return (
    <section class="panel stack" aria-label="This invite is not good any more">
      <h1>This invite is not good any more</h1>
      <p>It has expired, was used up by others, or was revoked. Or a part of the link was lost on its way to you.</p>
      <p class="dim">
        Ask the GM for a new one: it takes them a moment. If you have been at this table before, you need none: sign in
        as who you were, and open the table from your campaigns.
      </p>
      {me.value === undefined ? (
        <details>
          <summary>Sign in</summary>
          <SignIn />
        </details>
      ) : (
        <a class="button" href={base.href} onClick={keepSignedIn}>
          My campaigns
        </a>
      )}
    </section>
  );
}
