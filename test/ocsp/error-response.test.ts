import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBER } from "asn1js";
import { OCSPResponse } from "pkijs";
import { afterAll, describe, expect, it } from "vitest";
import { ERROR_RESPONSES, type ErrorStatus } from "../../src/ocsp/error-response.ts";
import { readSingleAnswer } from "../../src/ocsp/response.ts";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

/** Each error: its number in RFC 6960 4.2.1, and OpenSSL's word for it. */
const TABLE: readonly [ErrorStatus, number, string][] = [
  ["malformedRequest", 1, "malformedrequest"],
  ["internalError", 2, "internalerror"],
  ["tryLater", 3, "trylater"],
  ["sigRequired", 5, "sigrequired"],
  ["unauthorized", 6, "unauthorized"],
];

const folder = tempFolder();
afterAll(() => removeFolder(folder));

describe("ERROR_RESPONSES", () => {
  it("are all in the table", () => {
    expect(Object.keys(ERROR_RESPONSES).sort()).toEqual(TABLE.map(([name]) => name).sort());
  });

  it.each(TABLE)("%s is the five octets with status %i", async (name, status, word) => {
    const der = ERROR_RESPONSES[name];
    expect(der.toString("hex")).toBe(`30030a010${status}`);
    const theirs = new OCSPResponse({ schema: fromBER(der).result });
    expect(theirs.responseStatus.valueBlock.valueDec).toBe(status);
    expect(theirs.responseBytes).toBeUndefined();
    const file = join(folder, `${name}.der`);
    writeFileSync(file, der);
    const { stdout, stderr } = await run("openssl", ["ocsp", "-respin", file, "-noverify"]);
    expect(stdout + stderr).toContain(`Responder Error: ${word} (${status})`);
    expect(() => readSingleAnswer(der)).toThrow("responseStatus is not successful");
  });
});
