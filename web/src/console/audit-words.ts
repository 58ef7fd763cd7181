const WORDS: Readonly<Record<string, string>> = {
  "session.created": "made the session",
  "session.started": "started",
  "session.paused": "paused",
  "session.resumed": "resumed",
  "session.ended": "ended the session",
  "session.updated": "changed the settings",
  "session.restored": "restored after an end of the host",
  "invite.created": "made an invite",
  "invite.revoked": "revoked an invite",
  "participant.joined": "took a seat",
  "participant.dropped": "lost the connection",
  "participant.reconnected": "came back",
  "participant.idle": "went idle",
  "participant.online": "is there again",
  "participant.left": "left",
  "participant.removed": "removed",
  "participant.banned": "banned",
  "participant.unbanned": "lifted the ban of",
  "participant.role": "changed the role of",
  "participant.admitted": "admitted",
  "participant.denied": "did not admit",
  "connection.closed": "closed a connection of",
  "stream.opened": "opened a stream",
  "stream.closed": "closed a stream",
  "host.changed": "moved to another process",
};

/** What an event says happened, after the name of who did it. Kinds that are newer than this page say their own name. */
export function auditWords(kind: string): string {
  return WORDS[kind] ?? kind;
}
