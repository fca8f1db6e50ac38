import { z } from "zod";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import type { OcspConfig, PresignedHash, SignerConfig } from "./config.ts";
import { defaultDuration, duration, isDuration, readDuration } from "./duration.ts";
import type { Fault } from "./fault.ts";
import { type Draft, group, ruled } from "./group.ts";
import { fileName, type Reading, readFileName, scalar, word } from "./scalar.ts";

/** A signer's two files. */
export function signerSchema(folder: string): z.ZodType<SignerConfig> {
  return group({
    certificate: fileName(folder, "pki/NAME.pem"),
    key: keyName(folder),
  });
}

/** `issuers[].ocsp`. */
export function ocspSchema(folder: string): z.ZodType<OcspConfig> {
  const keys = group({
    signers: z.array(signerSchema(folder)).prefault([]),
    hashes: ruled(z.array(word("sha1", "sha256")), hashFaults).default(["sha1", "sha256"]),
    validity: duration("10s").default(defaultDuration("24h")),
    backdate: duration().default(defaultDuration("5m")),
    unissued: word("unauthorized", "unknown", "revoked").default("unauthorized"),
    nonce: word("live", "ignore").default("live"),
    archive: archive().default("forever"),
  });
  return ruled(keys, backdateFaults).transform(({ validity, backdate, ...rest }) => ({
    ...rest,
    validitySeconds: validity.seconds,
    backdateSeconds: backdate.seconds,
  }));
}

function keyName(folder: string): z.ZodType<string> {
  return scalar((raw): Reading<string> => {
    if (typeof raw !== "string" || !isKeyURI(raw)) return readFileName(folder, "pki/NAME.key", raw);
    const uri = parseKeyURI(raw);
    // It is not shown: it may hold a PIN.
    return "problem" in uri
      ? { problem: `is a pkcs11: URI that ${uri.problem}`, do: uri.do }
      : { value: raw };
  });
}

function archive(): z.ZodType<"forever" | number> {
  return scalar((raw): Reading<"forever" | number> => {
    if (raw === "forever") return { value: raw };
    const reading = readDuration(raw);
    if (!("must" in reading))
      return "value" in reading ? { value: reading.value.seconds } : reading;
    return { must: `forever, or ${reading.must}`, do: "write forever, or a duration such as 10y" };
  });
}

function hashFaults(hashes: readonly PresignedHash[]): Fault[] {
  const choices = "write [sha1, sha256], or one of them";
  if (hashes.length === 0) {
    return [{ path: [], problem: "is an empty list, so nothing would be answered", do: choices }];
  }
  return hashes.flatMap((hash, index) =>
    typeof hash === "string" && hashes.indexOf(hash) < index
      ? [{ path: [index], problem: `is ${hash} a second time`, do: "name each hash once" }]
      : [],
  );
}

function backdateFaults({ validity, backdate }: Draft<"validity" | "backdate">): Fault[] {
  if (!isDuration(validity) || !isDuration(backdate)) return [];
  if (backdate.seconds * 2 < validity.seconds) return [];
  const problem = `is ${backdate.text} but must be less than half of ocsp.validity, ${validity.text}`;
  const most = Math.ceil(validity.seconds / 2) - 1;
  return [{ path: ["backdate"], problem, do: `write ${most}s or less, or raise ocsp.validity` }];
}
