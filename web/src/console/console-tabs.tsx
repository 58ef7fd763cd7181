import type { Seat } from "../table/seat.ts";
import { Tabs } from "../widgets/tabs.tsx";
import { Audit } from "./audit.tsx";
import { HistoryTab } from "./history.tsx";
import { Invites } from "./invites.tsx";
import type { SessionFile } from "./session-file.ts";
import { SettingsTab } from "./settings.tsx";

export function ConsoleTabs({ seat, file }: { readonly seat: Seat; readonly file: SessionFile }) {
  const nameOf = (userId: string) => seat.table.state.participants.get(userId)?.name ?? userId;
  return (
    <Tabs
      name="More of the session"
      tabs={[
        { name: "Invites", content: () => <Invites file={file} /> },
        { name: "History", content: () => <HistoryTab file={file} /> },
        { name: "Audit", content: () => <Audit file={file} nameOf={nameOf} /> },
        { name: "Settings", content: () => <SettingsTab file={file} /> },
      ]}
    />
  );
}
