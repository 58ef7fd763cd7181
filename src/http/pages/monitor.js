/** Between the panel of `@colyseus/monitor`, whose code stays as it is, and this server. Runs before it. */
const ask = window.fetch.bind(window);

window.fetch = async (...asked) => {
  const answer = await ask(...asked);
  const path = new URL(answer.url).pathname;
  // The cookie or the right has ended: the page itself says what to do.
  if (answer.status === 401 || (answer.status === 403 && !path.endsWith("/call"))) {
    location.reload();
    return await new Promise(() => {});
  }
  if (path.endsWith("/api/room") && answer.status === 404) location.hash = "#/";
  if (!path.endsWith("/api") || !answer.ok) return answer;
  const told = await answer.json();
  const isOfOwnRooms = told.cpu === null;
  document.documentElement.classList.toggle("of-own-rooms", isOfOwnRooms);
  // The panel takes a number for granted.
  const shown = isOfOwnRooms ? { ...told, cpu: 0, memory: { rssMb: 0, processId: "" } } : told;
  return { ok: true, status: answer.status, json: async () => shown };
};
