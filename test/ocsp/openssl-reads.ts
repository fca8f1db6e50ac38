import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import type { Planned } from "./made-answer.ts";

/** What `openssl ocsp` makes of an answer. */
export interface OpensslReading {
  /** Of `-resp_text`, up to the certificates. */
  readonly text: string;
  /** Whether the signature is right and the signer may sign for this CA. */
  readonly verified: boolean;
  /** What it says of the CertID that it was asked for: good, revoked, or an error. */
  readonly says: string | undefined;
  /** Whether it is in time now. */
  readonly timely: boolean;
}

/** Lets `openssl ocsp` check an answer as the client that asked for it would. */
export async function opensslReads(der: Uint8Array, planned: Planned): Promise<OpensslReading> {
  const folder = tempFolder();
  const file = join(folder, "response.der");
  writeFileSync(file, der);
  const serialNumber = `0x${serialNumberText(planned.serialNumber)}`;
  const { caCertificate } = planned.by;
  const { stdout, stderr } = await run("openssl", [
    ...["ocsp", "-CAfile", caCertificate, "-issuer", caCertificate, `-${planned.hash}`],
    ...["-serial", serialNumber, "-no_nonce", "-respin", file, "-resp_text"],
  ]);
  removeFolder(folder);
  const summary = stdout.slice(stdout.lastIndexOf(`${serialNumber}: `));
  return {
    text: stdout.split("Certificate:\n")[0] ?? "",
    verified: stderr.includes("Response verify OK"),
    says: /(?:^|: )(good|revoked|unknown|ERROR.*)$/m.exec(summary)?.[1],
    timely: !stdout.includes("WARNING"),
  };
}
