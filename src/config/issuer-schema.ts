import { z } from "zod";
import type { CrlConfig, IssuerConfig } from "./config.ts";
import { crlSchema } from "./crl-schema.ts";
import type { Fault } from "./fault.ts";
import { type Draft, group, ruled } from "./group.ts";
import { clashFaults } from "./issuer-clashes.ts";
import { ocspSchema } from "./ocsp-schema.ts";
import { fileName, flag, scalar, word } from "./scalar.ts";
import { urlPaths } from "./url-path.ts";

// Leaves room for what is added to it in file names, of which Linux allows 255 octets.
const LONGEST_NAME = 100;

/** `issuers`. */
export function issuersSchema(folder: string): z.ZodType<IssuerConfig[]> {
  return ruled(z.array(issuerSchema(folder)), clashFaults);
}

function issuerSchema(folder: string): z.ZodType<IssuerConfig> {
  const keys = group({
    name: issuerName(),
    certificate: fileName(folder, "pki/NAME.pem"),
    source: word("issued", "crl").default("issued"),
    hold: flag().default(false),
    paths: urlPaths("/pki/pub/crt/NAME.crt").default([]),
    ocsp: ocspSchema(folder).prefault({}),
    crl: crlSchema(folder).optional(),
  });
  return ruled(keys, (issuer) => [...signerFaults(issuer), ...importedFaults(issuer)]).transform(
    ({ crl, ...rest }) => ({
      ...rest,
      crl: crl ?? undefined,
    }),
  );
}

/** A name that is safe in URLs and file names, and cannot be taken for a delta CRL's. */
function issuerName(): z.ZodType<string> {
  return scalar((raw) => {
    if (typeof raw === "number") {
      return { must: "text", do: `put it between quotes: "${raw}"` };
    }
    if (typeof raw !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(raw)) {
      const must = "letters a-z, digits, '.', '_' and '-', not beginning with '.' or '-'";
      return { must, do: "choose a short name, such as gov-1; it stands in URLs and file names" };
    }
    if (raw.length > LONGEST_NAME) {
      return { must: `at most ${LONGEST_NAME} characters`, do: "choose a shorter name" };
    }
    if (!raw.endsWith("-delta")) return { value: raw };
    const must = "a name that does not end in -delta";
    return { must, do: "choose another; NAME-delta.crl is the delta CRL of NAME" };
  });
}

/** Where CRLs are imported nothing about them is decided here. */
function importedFaults({ source, crl }: Draft<"source" | "crl">): Fault[] {
  const { signer, shards } = (crl ?? {}) as Partial<CrlConfig>;
  if (source === "crl" && signer !== undefined) {
    const problem =
      "has no place where source is crl: those CRLs are signed elsewhere, and imported";
    return [{ path: ["crl", "signer"], problem, do: "remove it, or write source: issued" }];
  }
  if (crl === undefined || signer !== undefined || !shards) return [];
  const problem = "asks for shards, but without crl.signer the CRLs are imported as they are";
  return [{ path: ["crl", "shards"], problem, do: "remove it, or add crl.signer" }];
}

function signerFaults({ source, ocsp }: Draft<"source" | "ocsp">): Fault[] {
  const signers = (ocsp as Draft<"signers"> | undefined)?.signers;
  if (source === "crl" || !Array.isArray(signers) || signers.length > 0) return [];
  const remedy = "add one, as - { certificate: pki/NAME-ocsp.pem, key: pki/NAME-ocsp.key }";
  return [{ path: ["ocsp", "signers"], problem: "names no signer", do: remedy }];
}
