import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CertificateUrls } from "../../../src/authority/import/served-urls.ts";
import type { Problem } from "../../../src/config/config.ts";
import { readCertificate } from "../../../src/x509/certificate.ts";
import { derOf, OpensslCA } from "../../x509/openssl-ca.ts";

const SERVED = { crl: ["/crl/gov-1.crl", "/pki/a b.crl"], caCertificate: ["/ca/gov-1.cer"] };

let ca: OpensslCA;

beforeAll(() => {
  ca = new OpensslCA("/C=VN/CN=Cơ quan chứng thực số");
});

afterAll(() => ca.remove());

/** What is told about certificates with these extension lines, numbered from line 1 of c.pem. */
function unserved(...certificates: string[]): Problem[] {
  const urls = new CertificateUrls();
  for (const [at, lines] of certificates.entries()) {
    const certificate = readCertificate(derOf(ca.read(ca.issue("/CN=leaf", lines))));
    urls.add(certificate, "c.pem", at + 1);
  }
  return urls.unserved(SERVED);
}

describe("URLs that a served path answers", () => {
  test.each([
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.vn",
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.vn/",
    "authorityInfoAccess=OCSP;URI:http://ocsp.example.vn:8080/ocsp",
    "authorityInfoAccess=OCSP;URI:HTTP://OCSP.example.vn",
    "authorityInfoAccess=caIssuers;URI:http://anything.example.vn/ca/gov-1.cer",
    "crlDistributionPoints=URI:http://a.example.vn/crl/gov-1.crl,URI:http://[::1]:80/crl/gov-1.crl",
    "crlDistributionPoints=URI:http://a.example.vn/pki/a b.crl",
    "crlDistributionPoints=URI:http://a.example.vn/crl/gov-1.crl#top",
    "basicConstraints=CA:FALSE",
  ])("%s", (lines) => expect(unserved(lines)).toEqual([]));
});

describe("URLs that no served path answers", () => {
  test.each([
    ["another path", "crlDistributionPoints=URI:http://a.vn/crl/gov-2.crl", "crl.paths"],
    [
      "a path in other letters",
      "crlDistributionPoints=URI:http://a.vn/CRL/gov-1.crl",
      "/CRL/gov-1.crl",
    ],
    ["a query", "crlDistributionPoints=URI:http://a.vn/crl/gov-1.crl?x=1", "/crl/gov-1.crl?x=1"],
    ["an escaped octet", "crlDistributionPoints=URI:http://a.vn/pki/a%20b.crl", "/pki/a%20b.crl"],
    ["dots", "crlDistributionPoints=URI:http://a.vn/x/../crl/gov-1.crl", "/x/../crl/gov-1.crl"],
    ["no path for a CRL", "crlDistributionPoints=URI:http://a.vn", "add / to"],
    [
      "a CRL's path for the CA certificate",
      "authorityInfoAccess=caIssuers;URI:http://a.vn/crl/gov-1.crl",
      "issuer's paths",
    ],
    [
      "OCSP elsewhere",
      "authorityInfoAccess=OCSP;URI:http://a.vn/status",
      "OCSP is answered on / and /ocsp",
    ],
    [
      "OCSP with a slash too many",
      "authorityInfoAccess=OCSP;URI:http://a.vn/ocsp/",
      "OCSP is answered on",
    ],
    ["OCSP with a query", "authorityInfoAccess=OCSP;URI:http://a.vn?x", "OCSP is answered on"],
  ])("%s", (_, lines, advice) => {
    const url = lines.slice(lines.indexOf("http"));
    const [problem, ...others] = unserved(lines);
    expect(others).toEqual([]);
    expect(problem?.problem).toMatch(/^no path served here answers (ocsp|caIssuers|crlDist)/);
    expect(problem?.problem).toContain(url);
    expect(problem?.do).toContain(advice);
  });

  test.each([
    "authorityInfoAccess=OCSP;URI:https://ocsp.example.vn/",
    "crlDistributionPoints=URI:ldap://ldap.example.vn/cn=a?certificateRevocationList",
    "crlDistributionPoints=URI:ftp://a.vn/crl/gov-1.crl",
  ])("%s is not served", (lines) => {
    expect(unserved(lines)).toMatchObject([
      { problem: expect.stringContaining("not served by Vouch") },
    ]);
  });
});

test("each URL once, with the first certificate it stands in and how many more", () => {
  const lines = "crlDistributionPoints=URI:http://a.vn/x.crl,URI:http://b.vn/x.crl";
  const found = unserved(lines, lines, "crlDistributionPoints=URI:http://b.vn/x.crl");
  expect(found.map(({ where }) => where)).toEqual(["c.pem:1 and 1 more", "c.pem:1 and 2 more"]);
});

test("terminal escapes in a URL do not reach the terminal", () => {
  const [problem] = unserved("crlDistributionPoints=URI:http://a.vn/\u001b[2J");
  expect(problem?.problem).toContain("http://a.vn/\\1B[2J");
});

test("an extension that cannot be read is told once", () => {
  const broken = "2.5.29.31=DER:30:03:31:01:00";
  expect(unserved(broken, broken)).toMatchObject([
    { where: "c.pem:1", problem: expect.stringContaining("bad DER in Certificate at byte") },
  ]);
});
