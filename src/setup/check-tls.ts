import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { HttpsConfig } from "../config/config.ts";
import { RENEW_WITHIN_SECONDS } from "../config/tls-life.ts";
import { sameOctets } from "../der/oids.ts";
import type { UnixSeconds } from "../der/time.ts";
import { configuredSigners } from "./configured-signers.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";
import { openFile } from "./open-file.ts";
import { shellWord } from "./shell-word.ts";

const OTHERS_BITS = 0o007;

/** Whether the certificate of public.https can be served with its key, and for how long. */
export function checkTls({ config, clock }: Pick<Setup, "config" | "clock">): Finding[] {
  const { https } = config.public;
  if (!https) return [];
  return [...pairFaults(https, clock()), ...openKey(https.key)];
}

/** Whether the key of public.https, which responders read, is that of a CA or of a signer, in whatever file. */
export function checkTlsKey({ config, issuers }: Setup): Finding[] {
  const { https } = config.public;
  const key = https && readAs(https.key, createPublicKey);
  if (!https || !key || typeof key === "string") return [];
  const octets = key.export({ type: "spki", format: "der" });
  const certificates = issuers.flatMap((issuer) => [
    { where: `issuer ${issuer.config.name}`, certificate: issuer.certificate },
    ...configuredSigners(issuer),
  ]);
  const user = certificates.find(
    ({ certificate }) => certificate && sameOctets(certificate.subjectPublicKeyInfo, octets),
  );
  if (!user) return [];
  return [
    problem({
      where: https.key,
      problem: `is the key of ${user.where}, and responders must have none that signs`,
      do: "make a key for TLS alone, and have it certified",
    }),
  ];
}

function pairFaults({ certificate: file, key: keyFile }: HttpsConfig, now: UnixSeconds): Finding[] {
  const certificate = readAs(file, (octets) => new X509Certificate(octets));
  const key = readAs(keyFile, createPrivateKey);
  if (typeof certificate === "string" || typeof key === "string") {
    return [
      ...(typeof certificate === "string" ? [unusable(file, certificate, "certificate")] : []),
      ...(typeof key === "string" ? [unusable(keyFile, key, "private key")] : []),
    ];
  }
  return [...strangers(file, certificate, key), ...lifeLeft(file, certificate, now)];
}

/** What the file holds, or why that cannot be had. */
function readAs<T>(file: string, parse: (octets: Buffer) => T): T | string {
  try {
    return parse(readFileSync(file));
  } catch (error) {
    return (error as Error).message;
  }
}

function unusable(file: string, reason: string, what: string): Finding {
  const remedy = reason.startsWith("EACCES")
    ? `let the responders' group read it: chgrp vouch-store ${shellWord(file)} && chmod 640 ${shellWord(file)}`
    : `put a ${what} in PEM form there, without a passphrase`;
  return problem({ where: file, problem: `is no usable TLS ${what}: ${reason}`, do: remedy });
}

function strangers(file: string, certificate: X509Certificate, key: KeyObject): Finding[] {
  if (certificate.checkPrivateKey(key)) return [];
  const remedy = "name the two files of one pair in public.https";
  return [
    problem({ where: file, problem: "is not the certificate of public.https.key", do: remedy }),
  ];
}

function lifeLeft(file: string, certificate: X509Certificate, now: UnixSeconds): Finding[] {
  const { validFromDate, validToDate } = certificate;
  const left = validToDate.getTime() / 1000 - now;
  const until = validToDate.toISOString();
  const remedy = "renew it: the new file is taken over by itself";
  if (left <= 0) return [problem({ where: file, problem: `expired at ${until}`, do: remedy })];
  if (validFromDate.getTime() / 1000 > now) {
    const from = validFromDate.toISOString();
    return [
      problem({ where: file, problem: `is not valid before ${from}`, do: "check the clock" }),
    ];
  }
  if (left >= RENEW_WITHIN_SECONDS) return [];
  return [warning({ where: file, problem: `expires at ${until}`, do: remedy })];
}

function openKey(file: string): Finding[] {
  const word = shellWord(file);
  return openFile(file, {
    closedTo: OTHERS_BITS,
    whom: "everybody",
    what: "it is a private key",
    do: `chgrp vouch-store ${word} && chmod 640 ${word}`,
  });
}
