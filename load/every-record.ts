// Asks a responder for every certificate of an OpenSSL index.txt, by SHA-1 and SHA-256 in turn, and prints
// what it answered and how much private memory the responders have then.
//
//   node load/every-record.ts http://127.0.0.1:8080/ CA.pem index.txt PID...
import { readFileSync } from "node:fs";
import { parseSerialNumber } from "../src/x509/serial-number.ts";
import { rssAnon } from "../test/support/processes.ts";
import { Asker, responseStatus } from "./site/asker.ts";
import { hashInTurn, type RequestMaker, requestMaker } from "./site/ocsp-requests.ts";

const CONNECTIONS = 16;

/** What came of asking for every record. */
export interface EveryRecord {
  readonly asked: number;
  readonly seconds: number;
  /** Answers by responseStatus: 0 is successful. */
  readonly byStatus: ReadonlyMap<number, number>;
}

/** Asks once for each serial number; `url` is the responder's, and ends in a slash. */
export async function askEvery(
  url: string,
  request: RequestMaker,
  serialNumbers: Iterable<Uint8Array>,
): Promise<EveryRecord> {
  const asker = new Asker(url, CONNECTIONS);
  const byStatus = new Map<number, number>();
  let asked = 0;
  const began = performance.now();
  const source = serialNumbers[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = source.next(); !next.done; next = source.next()) {
      const status = responseStatus(await asker.ask(request(next.value, hashInTurn(asked++))));
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  asker.close();
  return { asked, seconds: (performance.now() - began) / 1000, byStatus };
}

async function main([url = "", issuerFile = "", indexFile = "", ...pids]: string[]): Promise<void> {
  const serialNumbers = readFileSync(indexFile, "utf8")
    .split("\n")
    .flatMap((line) => parseSerialNumber(line.split("\t")[3] ?? "") ?? []);
  const every = await askEvery(url, requestMaker(issuerFile), serialNumbers);
  const memory = pids.map((pid) => `${pid}: ${(rssAnon(Number(pid)) / 1024 ** 2).toFixed(1)} MB`);
  process.stdout.write(
    `${every.asked} asked in ${every.seconds.toFixed(1)} s; by responseStatus ${JSON.stringify([...every.byStatus])}; RssAnon ${memory.join(", ")}\n`,
  );
}

if (import.meta.main) await main(process.argv.slice(2));
