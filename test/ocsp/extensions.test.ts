import { describe, expect, it } from "vitest";
import { OIDS, oidText } from "../../src/der/oids.ts";
import { DerError, DerReader } from "../../src/der/reader.ts";
import { NULL, oid, sequence } from "../../src/der/writer.ts";
import {
  type Extension,
  findExtension,
  REQUEST_EXTENSIONS,
  readExtensions,
  refuseUnknownCritical,
  SINGLE_REQUEST_EXTENSIONS,
} from "../../src/ocsp/extensions.ts";
import { explicit, octetString } from "./hand-made-response.ts";
import { extension } from "./request-octets.ts";

const TRUE = Buffer.of(1, 1, 0xff);
const unknown = oid("1.2.3.4");

function read(number: number, der: Uint8Array): [readonly Extension[], DerReader] {
  const reader = new DerReader(der, "Sample");
  return [readExtensions(reader, number), reader];
}

describe("readExtensions", () => {
  it("reads a list in its order, and ends after it", () => {
    const list = [extension(OIDS.ocspNonce, NULL), extension(unknown, octetString(NULL), TRUE)];
    const [found, reader] = read(2, Buffer.concat([explicit(2, sequence(...list)), NULL]));
    expect(found.map(({ oid, critical }) => [oidText(oid), critical])).toEqual([
      ["1.3.6.1.5.5.7.48.1.2", false],
      ["1.2.3.4", true],
    ]);
    expect(Buffer.from(found[1]?.value ?? []).toString("hex")).toBe("04020500");
    expect(reader.peek()).toBe(NULL[0]);
  });

  it("reads nothing where something else comes, or nothing", () => {
    const list = explicit(2, sequence(extension(unknown, NULL)));
    const [found, reader] = read(1, list);
    expect(found).toEqual([]);
    expect(reader.offset).toBe(0);
    expect(read(1, new Uint8Array())[0]).toEqual([]);
  });

  it("refuses the same OID with another value, too", () => {
    const twice = explicit(0, sequence(extension(unknown, NULL), extension(unknown, TRUE)));
    expect(() => read(0, twice)).toThrow(
      new DerError("bad DER in Sample at byte 15: an extension twice"),
    );
  });
});

describe("critical extensions", () => {
  const [list] = read(0, explicit(0, sequence(extension(OIDS.ocspServiceLocator, NULL, TRUE))));
  const refuse = (understood: readonly Uint8Array[], of = list): void =>
    refuseUnknownCritical(new DerReader(NULL, "Sample"), of, understood);

  it("are refused where they are not understood", () => {
    expect(() => refuse(SINGLE_REQUEST_EXTENSIONS)).not.toThrow();
    expect(() => refuse(REQUEST_EXTENSIONS)).toThrow("unrecognised critical extension");
    expect(() => refuse([])).toThrow(DerError);
  });

  it("are let through where they are not critical", () => {
    const [harmless] = read(0, explicit(0, sequence(extension(unknown, NULL))));
    expect(() => refuse([], harmless)).not.toThrow();
  });

  it("are found by their OID", () => {
    expect(findExtension(list, OIDS.ocspServiceLocator)).toBe(list[0]);
    expect(findExtension(list, OIDS.ocspNonce)).toBeUndefined();
  });
});
