import type { ComponentChildren } from "preact";
import { base } from "../facts.ts";
import { keepSignedIn, me } from "../identity/signed-in.ts";
import { Mark } from "./mark.tsx";
import { ThemeSwitch } from "./theme.tsx";
import "../style/base.css";
import "./frame.css";

export interface FrameProps {
  /** beside the mark: where one is */
  readonly title?: ComponentChildren;
  /** what belongs to the whole page: links, its state */
  readonly tools?: ComponentChildren;
  readonly onSignOut: () => void;
  /** what one is called here, where that is not what the token says */
  readonly name?: string | undefined;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** What every page stands in: the bar on top, and the content. */
export function Frame({ title, tools, onSignOut, name, wide = false, children }: FrameProps) {
  return (
    <>
      <header class="bar">
        <a class="mark" href={base.href} aria-label="Campaign Live Sessions, first page" onClick={keepSignedIn}>
          <Mark />
        </a>
        <div class="bar-title">{title}</div>
        <div class="bar-tools">
          {tools}
          {me.value !== undefined && (
            <>
              <span class="bar-me dim small">
                <bdi>{name ?? me.value.name}</bdi>
              </span>
              <button type="button" class="small" onClick={onSignOut}>
                Sign out
              </button>
            </>
          )}
          <ThemeSwitch />
        </div>
      </header>
      <main class={wide ? "content wide" : "content"}>{children}</main>
    </>
  );
}
