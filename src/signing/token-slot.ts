import type { KeyURI } from "../x509/key-uri.ts";

/** What a token says of itself; Cryptoki pads with blanks. */
interface TokenInfo {
  readonly label: string;
  readonly serialNumber: string;
  readonly model: string;
  readonly manufacturerID: string;
}

/** Whether a token is the one that a URI names. */
export function isNamedBy(uri: KeyURI, info: TokenInfo): boolean {
  return (
    isOrAny(uri.token, info.label) &&
    isOrAny(uri.serial, info.serialNumber) &&
    isOrAny(uri.model, info.model) &&
    isOrAny(uri.manufacturer, info.manufacturerID)
  );
}

function isOrAny(asked: string | undefined, found: string): boolean {
  return asked === undefined || asked === found.replace(/[ \0]+$/, "");
}

/** By which tokens are told apart; that of one token may be several, as URIs name it. */
export function tokenName(uri: KeyURI): string {
  const { modulePath, token, serial, model, manufacturer, slotID } = uri;
  return JSON.stringify([modulePath, token, serial, model, manufacturer, slotID]);
}

/** The token of a URI, for messages. */
export function tokenText({ token, serial, slotID }: KeyURI): string {
  if (token !== undefined) return `the token "${token}"`;
  return serial === undefined ? `slot-id ${slotID}` : `the token of serial ${serial}`;
}

/** The key of a URI, for messages. */
export function keyText({ object, id }: KeyURI): string {
  return object === undefined ? `id ${id?.toString("hex")}` : `label "${object}"`;
}

/** That a key is not there, for messages. */
export function missingText(kind: "private" | "public", uri: KeyURI): string {
  const isHidden = kind === "private" && uri.pinFile === undefined;
  return isHidden
    ? `the token shows no private key with ${keyText(uri)} without a PIN, and the URI has no pin-source`
    : `the token has no ${kind} key with ${keyText(uri)}`;
}
