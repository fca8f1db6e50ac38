import { readdirSync } from "node:fs";
import { vector, vectorFile } from "../support/captured-site.ts";
import { LAST, octets, post } from "./raw-exchange.ts";

/** A whole request, or what is sent in its place. */
export interface Message {
  readonly name: string;
  readonly octets: Buffer;
}

/** The vectors of a folder whose names end so. */
export function files(folder: string, ending: string): string[] {
  return readdirSync(vectorFile(folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
}

/** A message by its text, one octet a character. */
export function message(name: string, text: string): Message {
  return { name, octets: octets(text) };
}

function posted(name: string, body: Buffer): Message {
  const head = post([`Content-Length: ${body.length}`], "");
  return { name: `POST of ${name}`, octets: Buffer.concat([octets(head), body]) };
}

/** Every vector as it would come over a connection: HTTP as it was captured, and each request of OCSP by POST. */
export const vectors: readonly Message[] = [
  ...[...files("synthetic/http", ".http"), ...files("client-captured", ".req.http")].map(
    (file): Message => ({ name: file, octets: vector(file) }),
  ),
  ...[...files("synthetic", ".der"), ...files("client-captured", ".req.der")].map((file) =>
    posted(file, vector(file)),
  ),
];

/** Whether the answer to it is the connection's last, so that nothing may follow it. */
export function isLast(sent: Message): boolean {
  const head = sent.octets.toString("latin1");
  if (/\r\nConnection: *(Upgrade, )?close\r\n/i.test(head)) return true;
  return head.includes(" HTTP/1.0\r\n") && !/keep-alive/i.test(head);
}

/** With its end: what leaves the connection open is followed by a request that does not. */
export function toTheEnd(sent: Message): Buffer[] {
  return isLast(sent) ? [sent.octets] : [sent.octets, octets(LAST)];
}
