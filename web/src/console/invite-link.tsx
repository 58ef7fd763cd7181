import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { NewInvite } from "../api/shapes.ts";
import { Icon } from "../widgets/icon.tsx";
import { QrCode } from "./qr-code.tsx";

export interface InviteLinkProps {
  readonly invite: NewInvite;
  readonly onClose: () => void;
}

/** The link of a fresh invite: to copy, or for the phones at the table to look at. The server does not know it any more. */
export function InviteLink({ invite: { url }, onClose }: InviteLinkProps) {
  const text = useRef<HTMLElement>(null);
  const said = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      said.value = "Copied";
    } catch {
      // Without a secure origin the browser gives no clipboard: the person's own copy works.
      if (text.current !== null) getSelection()?.selectAllChildren(text.current);
      said.value = "Selected: press Ctrl+C";
    }
  };
  return (
    <section class="invite-link stack" aria-label="The new invite">
      <div class="row spread">
        <b>Shown this once</b>
        <button type="button" class="plain square small" aria-label="I have it" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <code ref={text} class="link-text">
        {url}
      </code>
      <div class="row">
        <button type="button" class="main" onClick={copy}>
          <Icon name="copy" />
          Copy link
        </button>
        <span class="small dim" aria-live="polite">
          {said}
        </span>
      </div>
      <QrCode text={url} name="The invite as a QR code" />
    </section>
  );
}
