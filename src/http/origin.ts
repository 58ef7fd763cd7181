/** The scheme, and behind it a host with a port perhaps; IPv6 in brackets. No path, no user, and no `*`: no pattern. */
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/((?:[^\s/?#@\\[\]:*,]*|\[[0-9a-f:.]*\])(?::\d*)?)$/i;
const WEB_HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/;
const OTHER_HOST = /^[a-z0-9._~:[\]-]*$/;

/**
 * A web origin as browsers write it: in lower case, without its scheme's default port. Any scheme: the pages of an app
 * come from `capacitor://localhost`, say.
 * @returns undefined for what is no origin, such as a pattern or an address with a path
 */
export function canonicalOrigin(text: string): string | undefined {
  const [, , rest = ""] = ORIGIN.exec(text) ?? [];
  if (!ORIGIN.test(text) || !URL.canParse(text)) return undefined;
  const { origin, hostname } = new URL(text);
  if (origin !== "null") return WEB_HOST.test(hostname) ? origin : undefined;
  const lower = text.toLowerCase();
  return OTHER_HOST.test(rest.toLowerCase()) ? lower : undefined;
}

/** Whether a text can be a `Host`: a name or an address, and perhaps a port. */
export function isHost(text: string): boolean {
  return /^[^\s/?#@\\,]+$/.test(text) && URL.canParse(`http://${text}/`);
}

/** The host of an origin of the web, or of a `Host` header: a name, or an IPv6 address in brackets. Undefined: neither. */
export function hostnameOf(host: string): string | undefined {
  return isHost(host) ? new URL(`http://${host}/`).hostname : undefined;
}
