import { useEffect, useMemo } from "preact/hooks";
import { me } from "../identity/signed-in.ts";
import { Visit } from "./visit.ts";

/** The page's visit at a session: it begins as soon as somebody is signed in. */
export function useVisit(sessionId: string): Visit {
  const visit = useMemo(() => new Visit(sessionId), [sessionId]);
  const person = me.value?.userId;
  useEffect(() => visit.begin(), [person, visit]);
  return visit;
}
