import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerReader } from "../../src/der/reader.ts";
import { integer } from "../../src/der/writer.ts";
import {
  LONGEST_SERIAL_NUMBER,
  parseSerialNumber,
  serialNumberFromDer,
  serialNumberText,
} from "../../src/x509/serial-number.ts";

const hex = (octets: Uint8Array | undefined): string | undefined =>
  octets && Buffer.from(octets).toString("hex");

describe("parseSerialNumber", () => {
  it.each([
    ["1", "01"],
    ["0a", "0a"],
    ["7f", "7f"],
    ["80", "0080"],
    ["ff", "00ff"],
    ["100", "0100"],
    ["0001", "01"],
    ["000080", "0080"],
    ["0x1AB23F", "1ab23f"],
    ["0X1ab23f", "1ab23f"],
    ["1A:B2:3F", "1ab23f"],
    ["FF:30:3A:E4:E9:0A:C1:ED", "00ff303ae4e90ac1ed"],
    ["00:ff:30", "00ff30"],
    ["7fffffffffffffffffffffffffffffffffffff01", "7fffffffffffffffffffffffffffffffffffff01"],
    [`7${"f".repeat(63)}`, `7${"f".repeat(63)}`],
  ])("%s", (text, octets) => expect(hex(parseSerialNumber(text))).toBe(octets));

  it.each([
    ["nothing", ""],
    ["zero", "0"],
    ["many zeros", "00:00"],
    ["0x alone", "0x"],
    ["a colon alone", ":"],
    ["a sign", "-1"],
    ["a space", "1 2"],
    ["a line end", "12\n"],
    ["0x twice", "0x0x12"],
    ["0x in the middle", "120x34"],
    ["no hexadecimal digit", "12g4"],
    ["digits of another script", "١٢"],
    ["a file's name", "./1234"],
    ["one octet too many", `01${"00".repeat(LONGEST_SERIAL_NUMBER)}`],
    ["one octet too many with its sign octet", `ff${"00".repeat(LONGEST_SERIAL_NUMBER - 1)}`],
  ])("is nothing for %s", (_, text) => expect(parseSerialNumber(text)).toBeUndefined());

  it("gives the content of the DER INTEGER of the number, of any that is not too long", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 255n - 1n }), (number) => {
        const content = new DerReader(integer(number), "INTEGER").integer();
        expect(hex(parseSerialNumber(number.toString(16)))).toBe(hex(content));
      }),
    );
  });

  it("reads back what serialNumberText wrote, in whatever shape people write it", () => {
    const shape = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => `0x${text}`,
      (text) => `00${text}`,
      (text) => (text.length % 2 ? `0${text}` : text).replace(/..(?=.)/g, "$&:"),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 160n }), shape, (number, write) => {
        const serialNumber = serialNumberFromDer(new DerReader(integer(number), "I").integer());
        const text = serialNumberText(serialNumber);
        expect(text).toBe(number.toString(16));
        expect(hex(parseSerialNumber(write(text)))).toBe(hex(serialNumber));
      }),
    );
  });

  it("any text: nothing, or a positive minimal INTEGER that is not too long", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."0123456789abcdefABCDEFxX:"),
      maxLength: 70,
    });
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (any) => {
        const octets = parseSerialNumber(any);
        if (!octets) return;
        expect(octets.length).toBeLessThanOrEqual(LONGEST_SERIAL_NUMBER);
        const der = Buffer.concat([Buffer.of(0x02, octets.length), octets]);
        expect(new DerReader(der, "INTEGER").integer()[0]).toBeLessThan(0x80);
      }),
      { numRuns: 500 },
    );
  });
});

describe("serialNumberText", () => {
  it.each([
    ["01", "1"],
    ["00", "0"],
    ["0080", "80"],
    ["1ab23f", "1ab23f"],
    ["00ff303ae4e90ac1ed", "ff303ae4e90ac1ed"],
    ["", "0"],
  ])("%s is %s", (octets, text) => {
    expect(serialNumberText(Buffer.from(octets, "hex"))).toBe(text);
  });
});
