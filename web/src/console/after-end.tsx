import { Tabs } from "../widgets/tabs.tsx";
import { Audit } from "./audit.tsx";
import { HistoryTab } from "./history.tsx";
import { LastEntries } from "./last-entries.tsx";
import type { SessionFile } from "./session-file.ts";

/** What can be read of a session that has ended, as long as the page is open and one is signed in. */
export function AfterEnd({ file }: { readonly file: SessionFile }) {
  return (
    <div class="after-end">
      <Tabs
        name="The session that ended"
        tabs={[
          { name: "History", content: () => <HistoryTab file={file} /> },
          { name: "Audit", content: () => <Audit file={file} nameOf={(userId) => userId} /> },
          { name: "Entries", content: () => <LastEntries file={file} /> },
        ]}
      />
    </div>
  );
}
