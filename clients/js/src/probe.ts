/** Whether the server answers at `endpoint`; a proxy's word that it is gone (5xx) is none. Never rejects. */
export async function serverAnswers(endpoint: string): Promise<boolean> {
  const url = `${endpoint.replace(/^ws/, "http").replace(/\/$/, "")}/healthz`;
  try {
    const answer = await fetch(url, { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(900) });
    return answer.status < 500;
  } catch {
    return false;
  }
}
