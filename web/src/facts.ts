/** What the server wrote into the page: how people sign in here, and what they can do. Everything else is asked for. */
export interface Facts {
  readonly devLogin: boolean;
  readonly guests: boolean;
  /** the people of the demo campaign, whom anybody may be in dev login */
  readonly people: readonly { readonly userId: string; readonly name: string; readonly role: string }[];
  /** all actions that commands may name */
  readonly actions: readonly string[];
}

const NONE: Facts = { devLogin: false, guests: false, people: [], actions: [] };

export const facts: Facts = { ...NONE, ...JSON.parse(document.getElementById("data")?.textContent ?? "{}") };

const [, page = "", id = ""] = /\/(invite|play|console)\/([^/]*)$/.exec(location.pathname) ?? [];

/** The session's id or the invite's token in the page's address; empty on the first page. */
export const pageId: string = decodeURIComponent(id);

/** Where the server's own paths begin: with a slash at its end, below a proxy's path too. */
export const base: URL = new URL(page === "" ? "./" : "../", location.href);

/** An address of this server. @param path without a slash at its beginning */
export function at(path: string): string {
  return new URL(path, base).href;
}
