import { describe, expect, it } from "vitest";
import { isKeyURI, type KeyURI, type KeyURIProblem, parseKeyURI } from "../../src/x509/key-uri.ts";

const MODULE = "module-path=/usr/lib/softhsm/libsofthsm2.so";

function read(uri: string): KeyURI {
  const parsed = parseKeyURI(uri);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed;
}

describe("parseKeyURI", () => {
  it("reads what RFC 7512 2.3 names a key and its token by", () => {
    const path =
      "pkcs11:token=gov%20HSM;serial=00a1;slot-id=7;id=%01%ff;object=ký%3bsố;type=private";
    expect(read(`${path}?${MODULE}&pin-source=file:/etc/vouch/pin`)).toEqual({
      modulePath: "/usr/lib/softhsm/libsofthsm2.so",
      pinFile: "/etc/vouch/pin",
      token: "gov HSM",
      serial: "00a1",
      model: undefined,
      manufacturer: undefined,
      slotID: 7,
      object: "ký;số",
      id: Buffer.of(1, 0xff),
    });
  });

  it.each(["file:/p", "file:///p", "/p"])("takes %s for the file /p", (source) => {
    expect(read(`pkcs11:token=t;object=o?${MODULE}&pin-source=${source}`).pinFile).toBe("/p");
  });

  it("needs no PIN", () => {
    expect(read(`pkcs11:serial=1;id=%01?${MODULE}`).pinFile).toBeUndefined();
  });

  it.each([
    [`pkcs11:token=t;object=o?${MODULE}&pin-value=1234`, "holds a PIN"],
    ["pkcs11:token=t;object=o", "no absolute module-path"],
    ["pkcs11:token=t;object=o?module-path=libsofthsm2.so", "no absolute module-path"],
    [`pkcs11:token=t;object=o?${MODULE}&pin-source=file:pin`, "no absolute file as pin-source"],
    [`pkcs11:object=o?${MODULE}`, "names no token"],
    [`pkcs11:token=t?${MODULE}`, "names no key"],
    [`pkcs11:token=t;object=o;type=public?${MODULE}`, "is of type public"],
    [`pkcs11:token=t;token=u;object=o?${MODULE}`, "has token twice"],
    [`pkcs11:token=t;colour=red;object=o?${MODULE}`, 'has "colour"'],
    [`pkcs11:token=t;object?${MODULE}`, 'has "object"'],
    [`pkcs11:token=%zz;object=o?${MODULE}`, 'a "%" that begins no octet'],
    [`pkcs11:slot-id=first;object=o?${MODULE}`, "slot-id that is no number"],
    [`pkcs11:token=t;object=o?${MODULE}&x=1`, 'has "x"'],
  ])("refuses %s", (uri, words) => {
    expect((parseKeyURI(uri) as KeyURIProblem).problem).toContain(words);
  });

  it("never repeats a PIN", () => {
    const parsed = parseKeyURI(`pkcs11:token=t;object=o?pin-value=31415926&${MODULE}`);
    expect(JSON.stringify(parsed)).not.toContain("31415926");
  });
});

it("a file is no URI", () => {
  expect(isKeyURI("/etc/vouch/pki/a.key")).toBe(false);
});
