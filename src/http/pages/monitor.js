/** Between the panel of `@colyseus/monitor`, whose code stays as it is, and this server. Runs before it. */
const ask = window.fetch.bind(window);
/** the panel knows a client by one text: here it is their user id as well, and this is what stands behind it */
const clients = new Map();

window.fetch = async (address, ...rest) => {
  const answer = await ask(ofClient(new URL(address, location.href)), ...rest);
  const path = new URL(answer.url).pathname;
  // The cookie or the right has ended: the page itself says what to do.
  if (answer.status === 401 || (answer.status === 403 && !path.endsWith("/call"))) {
    location.reload();
    return await new Promise(() => {});
  }
  if (answer.status === 403) alert((await answer.clone().json()).detail);
  if (path.endsWith("/api/room") && answer.status === 404) location.hash = "#/";
  if (!answer.ok || path.endsWith("/call")) return answer;
  const told = await answer.json();
  const shown = path.endsWith("/api") ? listShown(told) : roomShown(told);
  return { ok: true, status: answer.status, json: async () => shown };
};

/** The panel takes figures of the machine for granted, which a GM is not told. */
function listShown(told) {
  const isOfOwnRooms = told.cpu === null;
  document.documentElement.classList.toggle("of-own-rooms", isOfOwnRooms);
  return isOfOwnRooms ? { ...told, cpu: 0, memory: { rssMb: 0, processId: "" } } : told;
}

function roomShown(told) {
  const named = told.clients.map((client) => {
    const sessionId = `${client.userId} · ${client.sessionId}`;
    clients.set(sessionId, client.sessionId);
    return { ...client, sessionId };
  });
  return { ...told, clients: named };
}

/** A call that names a client as the panel shows them names them as the server does. */
function ofClient(address) {
  const args = address.searchParams.get("args");
  if (args !== null) {
    const list = JSON.parse(args).map((one) => clients.get(one) ?? one);
    address.searchParams.set("args", JSON.stringify(list));
  }
  return address;
}
