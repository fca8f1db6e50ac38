import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { detectType } from "../../../src/cli/explain/detect.ts";
import { explainCertificate } from "../../../src/cli/explain/explain-certificate.ts";
import { explainCRL } from "../../../src/cli/explain/explain-crl.ts";
import { explainRequest } from "../../../src/cli/explain/explain-request.ts";
import { explainResponse } from "../../../src/cli/explain/explain-response.ts";
import { fieldsText } from "../../../src/cli/explain/fields-text.ts";
import { DerError } from "../../../src/der/reader.ts";
import { pemBlocks } from "../../../src/x509/pem.ts";

const VECTORS = new URL("../../vectors/", import.meta.url).pathname;
const EXPLAIN = {
  Certificate: explainCertificate,
  CertificateList: explainCRL,
  OCSPRequest: explainRequest,
  OCSPResponse: explainResponse,
};

function seeds(): Buffer[] {
  const ders = ["golden/", "synthetic/"].flatMap((folder) =>
    readdirSync(`${VECTORS}${folder}`)
      .filter((name) => name.endsWith(".der"))
      .map((name) => readFileSync(`${VECTORS}${folder}${name}`)),
  );
  const pems = ["golden/pki/ec-ocsp.pem", "golden/pki/rsa-ca.pem"].flatMap((name) =>
    [...pemBlocks(readFileSync(`${VECTORS}${name}`))].flatMap((block) =>
      "der" in block ? [Buffer.from(block.der)] : [],
    ),
  );
  return [...ders, ...pems].filter((der) => der.length > 0 && der.length < 4000);
}

test("whatever octets come, explaining ends with an explanation or a DerError", () => {
  const all = seeds();
  let explained = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.option(fc.nat()),
      (seed, changes, cut) => {
        const der = Buffer.from(seed);
        for (const [at, octet] of changes) der[at % der.length] = octet;
        const octets = cut === null ? der : der.subarray(0, cut % (der.length + 1));
        const type = detectType(octets, undefined);
        if (!type) return;
        try {
          const { fields } = EXPLAIN[type](octets);
          fieldsText(fields);
          JSON.stringify(fields);
          explained++;
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      },
    ),
    { numRuns: 5000 },
  );
  expect(explained).toBeGreaterThan(500);
});
