import { at } from "../facts.ts";
import { Frame } from "../frame/frame.tsx";
import { SignIn } from "../identity/sign-in.tsx";
import { me, signOut } from "../identity/signed-in.ts";
import { Campaigns } from "./campaigns.tsx";
import { Promises } from "./promises.tsx";
import "./home.css";

export function Home() {
  return (
    <Frame onSignOut={signOut}>
      {me.value === undefined ? <Welcome /> : <Campaigns key={me.value.userId} />}
      <footer class="foot small dim">
        <a href={at("docs")}>HTTP reference</a>
        <a href={at("openapi.json")}>OpenAPI</a>
      </footer>
    </Frame>
  );
}

function Welcome() {
  return (
    <div class="welcome">
      <section class="stack">
        <h1 class="display">Everyone at one table, wherever they sit.</h1>
        <p class="lead">
          Campaign Live Sessions keeps the evening of your tabletop campaign: one state that all see, who is there, and
          nothing acknowledged is ever lost.
        </p>
        <Promises />
      </section>
      <section class="panel stack" aria-labelledby="sign-in-title">
        <h2 id="sign-in-title">Take your seat</h2>
        <SignIn />
      </section>
    </div>
  );
}
