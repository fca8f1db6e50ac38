import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { routeTarget } from "../../src/responder/request-target.ts";

/** Any UTF-16 code units, half of them octets. */
const anyText = fc.string({
  unit: fc.oneof(fc.nat(0xff), fc.nat(0xffff)).map((code) => String.fromCharCode(code)),
});

const routes = new Map([
  ["/crl/demo.crl", "the CRL"],
  ["/pki/pub/crl/cp.crl", "the CRL"],
  ["/ca/demo.cer", "the CA"],
  ["/Mobile.crl", "another CRL"],
  ["/ocsp/old.crl", "an old CRL"],
]);

const FILE_ALLOW = { kind: "methodNotAllowed", allow: "GET, HEAD" };
const OCSP_ALLOW = { kind: "methodNotAllowed", allow: "GET, HEAD, POST" };
const NOT_FOUND = { kind: "notFound" };

const ocsp = (encoded: string) => ({ kind: "ocspGet", encoded });
const file = (route: string) => ({ kind: "file", route });

describe.each(["GET", "HEAD"])("%s", (method) => {
  it.each([
    ["/", { kind: "root" }],
    ["//", { kind: "root" }],
    ["/?lang=vi", { kind: "root" }],
    ["http://ocsp.test", { kind: "root" }],
    ["http://ocsp.test/", { kind: "root" }],
    ["http://ocsp.test?x", { kind: "root" }],
    ["/MEsw", ocsp("MEsw")],
    ["//MEsw", ocsp("MEsw")],
    ["////MEsw", ocsp("MEsw")],
    ["/MEsw//mC/c+J=", ocsp("MEsw//mC/c+J=")],
    ["/MEsw%2F%3d", ocsp("MEsw%2F%3d")],
    ["/M/../x/./y", ocsp("M/../x/./y")],
    ["/MEsw/", ocsp("MEsw/")],
    ["/MEsw?x=1", ocsp("MEsw")],
    ["/MEsw?x=/a?b", ocsp("MEsw")],
    ["/%4DEsw", ocsp("%4DEsw")],
    ["//%4dEsw", ocsp("%4dEsw")],
    ["http://ocsp.test/MEsw", ocsp("MEsw")],
    ["HTTP://ocsp.test:8080//MEsw//x?y", ocsp("MEsw//x")],
    ["https://[::1]/MEsw", ocsp("MEsw")],
    ["/ocsp/MEsw", ocsp("MEsw")],
    ["//ocsp/MEsw//x", ocsp("MEsw//x")],
    ["/ocsp//MEsw", ocsp("MEsw")],
    ["http://ocsp.test/ocsp/MEsw", ocsp("MEsw")],
    ["/ocsp/@@@@", ocsp("@@@@")],
    ["/ocsp", ocsp("")],
    ["/ocsp/", ocsp("")],
    ["/ocsp?x", ocsp("")],
    ["/crl/demo.crl", file("the CRL")],
    ["//crl/demo.crl", file("the CRL")],
    ["/crl/demo.crl?v=2", file("the CRL")],
    ["http://ca.test/crl/demo.crl", file("the CRL")],
    ["/pki/pub/crl/cp.crl", file("the CRL")],
    ["/ca/demo.cer", file("the CA")],
    ["/Mobile.crl", file("another CRL")],
    ["/ocsp/old.crl", file("an old CRL")],
    ["/crl//demo.crl", NOT_FOUND],
    ["/crl/DEMO.crl", NOT_FOUND],
    ["/crl/x/../demo.crl", NOT_FOUND],
    ["/crl/demo.crl/", NOT_FOUND],
    ["/crl", NOT_FOUND],
    ["/favicon.ico", NOT_FOUND],
    ["/ocspx", NOT_FOUND],
    ["/OCSP/MEsw", NOT_FOUND],
    ["/%254DEsw", NOT_FOUND],
    ["/@@@@", ocsp("@@@@")],
    ["/wp-login.php", NOT_FOUND],
    ["/%40", NOT_FOUND],
    ["*", NOT_FOUND],
    ["", NOT_FOUND],
    ["MEsw", NOT_FOUND],
    ["ftp://ocsp.test/MEsw", NOT_FOUND],
    ["/__proto__", NOT_FOUND],
  ])("%s", (target, expected) => {
    expect(routeTarget(method, target, routes)).toEqual(expected);
  });
});

describe("POST", () => {
  it.each([
    ["/", { kind: "ocspPost" }],
    ["//", { kind: "ocspPost" }],
    ["/ocsp", { kind: "ocspPost" }],
    ["/ocsp/", { kind: "ocspPost" }],
    ["//ocsp/", { kind: "ocspPost" }],
    ["/ocsp?x=1", { kind: "ocspPost" }],
    ["/?x=1", { kind: "ocspPost" }],
    ["http://ocsp.test", { kind: "ocspPost" }],
    ["http://ocsp.test/ocsp", { kind: "ocspPost" }],
    ["/crl/demo.crl", FILE_ALLOW],
    ["//ca/demo.cer?x", FILE_ALLOW],
    ["/MEsw", NOT_FOUND],
    ["/ocsp/MEsw", NOT_FOUND],
    ["/ocsp//", NOT_FOUND],
    ["/elsewhere", NOT_FOUND],
    ["*", NOT_FOUND],
  ])("%s", (target, expected) => {
    expect(routeTarget("POST", target, routes)).toEqual(expected);
  });
});

describe.each(["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get"])("%s", (method) => {
  it.each([
    ["/", OCSP_ALLOW],
    ["*", OCSP_ALLOW],
    ["/MEsw", OCSP_ALLOW],
    ["/%4DEsw", OCSP_ALLOW],
    ["/ocsp", OCSP_ALLOW],
    ["/ocsp/MEsw", OCSP_ALLOW],
    ["/crl/demo.crl", FILE_ALLOW],
    ["/Mobile.crl", FILE_ALLOW],
    ["/elsewhere", NOT_FOUND],
    ["ocsp.test:80", NOT_FOUND],
  ])("%s", (target, expected) => {
    expect(routeTarget(method, target, routes)).toEqual(expected);
  });
});

describe("a long request line", () => {
  const line = (method: string, octets: number) => {
    const target = "/M".padEnd(octets - `${method}  HTTP/1.1`.length, "A");
    return routeTarget(method, target, routes).kind;
  };

  it.each(["GET", "HEAD"])("of 8192 octets is routed, of one more not: %s", (method) => {
    expect(line(method, 8192)).toBe("ocspGet");
    expect(line(method, 8193)).toBe("targetTooLong");
  });

  it("is too long before its method is wrong", () => {
    expect(line("DELETE", 8192)).toBe("methodNotAllowed");
    expect(line("DELETE", 8193)).toBe("targetTooLong");
  });
});

describe("the vectors that are refused before anything is decoded", () => {
  it.each([
    ["19-get-root-empty.http", { kind: "root" }],
    ["50-post-double-slash-path.http", { kind: "ocspPost" }],
    ["53-put.http", OCSP_ALLOW],
    ["54-delete.http", OCSP_ALLOW],
    ["55-options-star.http", OCSP_ALLOW],
    ["56-trace.http", OCSP_ALLOW],
    ["57-get-uri-9000.http", { kind: "targetTooLong" }],
  ])("%s", (name, expected) => {
    const message = readFileSync(
      new URL(`../vectors/synthetic/http/${name}`, import.meta.url),
      "latin1",
    );
    const [method = "", target = ""] = (message.split("\r\n")[0] ?? "").split(" ");
    expect(routeTarget(method, target, routes)).toEqual(expected);
  });
});

it("any target is routed, and leading slashes and a query change nothing", () => {
  const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS");
  const rest = fc.oneof(
    anyText,
    fc.string({ unit: fc.constantFrom(..."M/%4Docsp:") }),
    fc.constantFrom(...[...routes.keys()].map((path) => path.slice(1))),
  );
  fc.assert(
    fc.property(method, rest, fc.nat(5), (verb, text, slashes) => {
      const path = `/${text.replace(/\?/g, "")}`;
      const routed = routeTarget(verb, path, routes);
      expect(routeTarget(verb, `${"/".repeat(slashes)}${path}?q/M`, routes)).toEqual(routed);
      expect(routeTarget(verb, `http://h${path}`, routes)).toEqual(routed);
    }),
  );
});
