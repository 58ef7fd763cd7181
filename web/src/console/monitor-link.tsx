import { ask } from "../api/ask.ts";
import { at } from "../facts.ts";
import { Failure, useAct } from "../widgets/act.tsx";

/** Opens the monitor by a ticket: the page's own token goes nowhere else. */
export function MonitorLink() {
  const act = useAct();
  const open = (event: Event) => {
    event.preventDefault();
    // Opened at once, or the browser takes it for an advertisement.
    const page = window.open("about:blank", "_blank");
    return act.run(async () => {
      try {
        const { url } = await ask<{ url: string }>("POST", "api/monitor/tickets");
        const address = new URL(url, at("")).href;
        if (page === null) location.assign(address);
        else {
          page.opener = null;
          page.location.replace(address);
        }
      } catch (error) {
        page?.close();
        throw error;
      }
    });
  };
  return (
    <>
      <a class="button small" href={at("monitor")} target="_blank" rel="noopener" onClick={open}>
        Monitor
      </a>
      <Failure of={act} />
    </>
  );
}
