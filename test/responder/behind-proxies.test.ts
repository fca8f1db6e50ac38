import { afterAll, expect } from "vitest";
import { needs } from "../support/has-program.ts";
import {
  startApacheBefore,
  startHaproxyBefore,
  startNginxBefore,
} from "../support/reverse-proxies.ts";
import type { TlsServer } from "../support/tls-server.ts";
import { serveBare } from "./lane-servers.ts";
import { ODD_HEADS } from "./odd-heads.ts";
import { exchange, get, LAST, octets, post, statuses } from "./raw-exchange.ts";

/*
 * Request smuggling: whatever comes through a proxy that takes as much as it can be told to take, what the next
 * clients get on the same connection between proxy and responder are the answers to their own requests.
 */

const { port: backend } = await serveBare();
const started: TlsServer[] = [];
afterAll(() => Promise.all(started.map((server) => server.stop())));

const SMUGGLED = get("/smuggled");
const size = SMUGGLED.length.toString(16);
/** Whose second half is a request of its own, were the first read otherwise. */
const BODIES: readonly (readonly [string, string])[] = [
  ["Content-Length", `Content-Length: ${SMUGGLED.length}`],
  ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
  ["chunks and a length", `Transfer-Encoding: chunked\r\nContent-Length: ${SMUGGLED.length + 5}`],
  ["gzip, chunked", "Transfer-Encoding: gzip, chunked"],
  ["chunked, identity", "Transfer-Encoding: chunked, identity"],
  ["two codings", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"],
  ["a blank before the colon", "Content-Length: 5\r\nTransfer-Encoding : chunked"],
  ["a vertical tab", "Content-Length: 5\r\nTransfer-Encoding:\vchunked"],
  ["a folded coding", "Content-Length: 5\r\nTransfer-Encoding:\r\n chunked"],
  ["a coding behind LF", "Content-Length: 5\r\nX: a\nTransfer-Encoding: chunked"],
  ["a coding behind CR", "Content-Length: 5\r\nX: a\rTransfer-Encoding: chunked"],
  ["a length with a sign", `Content-Length: +${SMUGGLED.length}`],
  ["a list of lengths", `Content-Length: 5, ${SMUGGLED.length}`],
  ["two lengths", `Content-Length: 5\r\nContent-Length: ${SMUGGLED.length}`],
  ["a length behind an underscore", `Content_Length: 5\r\nTransfer_Encoding: chunked`],
  ["Expect", "Expect: 100-continue\r\nTransfer-Encoding: chunked"],
  ["an upgrade", "Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked"],
  ["a length that Connection names", "Connection: Content-Length\r\nContent-Length: 5"],
  [
    "a Connection that names the coding",
    "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
  ],
];
const PAYLOADS = [
  `0\r\n\r\n${SMUGGLED}`,
  `${size}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  `${size};a=\n\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  `5\r\nabcde\n0\r\n\r\n${SMUGGLED}`,
];

const suspicious = [
  ...ODD_HEADS.flatMap(([, heads]) => heads.map(([name, text]) => ({ name, text }))),
  ...BODIES.flatMap(([name, field]) =>
    ["POST", "GET", "HEAD"].flatMap((method) =>
      PAYLOADS.map((body) => ({
        name: `${method}, ${name}, ${JSON.stringify(body.slice(0, 12))}`,
        text: post([field], body).replace("POST", method),
      })),
    ),
  ),
];

for (const [name, program, install, start] of [
  ["nginx", "nginx", "apt-get install nginx-light", startNginxBefore],
  ["HAProxy", "haproxy", "apt-get install haproxy", startHaproxyBefore],
  ["Apache", "apache2", "apt-get install apache2-bin", startApacheBefore],
] as const) {
  needs(program, install)(
    `behind ${name}, nothing that a client sends changes what the next ones get`,
    async () => {
      const server = await start(backend);
      started.push(server);
      const wrong: string[] = [];
      const ask = async (text: string): Promise<string> =>
        statuses((await exchange(server.port, [octets(text)])).received).join();
      for (const { name: what, text } of suspicious) {
        await exchange(server.port, [octets(text)], 50);
        const next = [
          await ask(get("/", "Connection: close")),
          await ask(LAST),
          await ask(get("/", "Connection: close")),
        ];
        if (next.join() !== "200,404,200") wrong.push(`${what}: ${next.join()}`);
      }
      expect(wrong, server.output()).toEqual([]);
    },
    300_000,
  );
}
