import { useSignal } from "@preact/signals";
import { ask } from "../api/ask.ts";
import type { Role } from "../api/shapes.ts";
import { facts } from "../facts.ts";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { signIn } from "./signed-in.ts";

/** In dev login one click per person of the demo; elsewhere a token, which an identity provider may bring by itself. */
export function SignIn() {
  return facts.devLogin ? <DemoPeople /> : <TokenForm />;
}

function DemoPeople() {
  const act = useAct();
  const enter = (userId: string, name: string) =>
    act.run(async () => {
      const { token } = await ask<{ token: string }>("POST", "dev/token", { userId, name }, { as: null });
      signIn(token);
    });
  return (
    <div class="stack">
      <p class="dim">
        This server is for trying out: be anyone at its demo table. A second window can be somebody else.
      </p>
      <div class="stack enter">
        {facts.people.map(({ userId, name, role }) => (
          <button type="button" key={userId} disabled={act.busy.value} onClick={() => enter(userId, name)}>
            <span>Enter as {name}</span> <span class="tag">{roleWord(role as Role)}</span>
          </button>
        ))}
      </div>
      <Failure of={act} />
    </div>
  );
}

function TokenForm() {
  const text = useSignal("");
  const wrong = useSignal(false);
  const submit = (event: Event) => {
    event.preventDefault();
    wrong.value = !signIn(text.value);
  };
  return (
    <form onSubmit={submit}>
      <label>
        Token
        <input
          value={text}
          class="code"
          autocomplete="off"
          spellcheck={false}
          required
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <p class="dim small">
        Your campaign's own site may bring you here signed in. Else paste the token that you were given.
      </p>
      {wrong.value && (
        <p class="said" role="alert">
          That is no token: it has three parts with dots between them, and names a person.
        </p>
      )}
      <button type="submit" class="main">
        Sign in
      </button>
    </form>
  );
}
