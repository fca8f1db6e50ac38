/**
 * A host and perhaps a port (RFC 9110 7.2, RFC 3986 3.2.2), as latin1; it may be empty. Beside the grammar, names
 * in raw UTF-8 are taken as they come: nobody here asks for one, and no reader splits a message at them.
 */
const HOST = /^(?:\[[\w:.%~-]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2}|[\x80-\xff])*)(?::\d*)?$/i;
const AUTHORITY = /^https?:\/\/([^/?#]*)/i;

/** Whether this may be the value of a Host field, blanks around it taken off. */
export function isHost(value: string): boolean {
  return HOST.test(value);
}

/** Whether a target in absolute-form has an authority with a host in it, and no user (RFC 9110 4.2); others have none to look at. */
export function hasHostIfAbsolute(target: string): boolean {
  const authority = AUTHORITY.exec(target)?.[1];
  if (authority === undefined) return true;
  return authority !== "" && !authority.startsWith(":") && isHost(authority);
}
