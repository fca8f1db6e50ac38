import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explain } from "../../../src/cli/explain/explain-file.ts";
import { readInput } from "../../../src/cli/explain/input.ts";
import { makePki, type Pki } from "../../support/openssl-pki.ts";

const VECTORS = new URL("../../vectors/", import.meta.url).pathname;
const request = readFileSync(`${VECTORS}synthetic/001-base-sha1-null.der`);

let pki: Pki;

beforeAll(() => {
  pki = makePki({ algorithm: "ec", leaves: 0 });
});

afterAll(() => pki.remove());

function written(content: string | Uint8Array): string {
  const file = join(pki.folder, "pasted");
  writeFileSync(file, content);
  return file;
}

const hex = request.toString("hex");
const pairs = hex.match(/../g) ?? [];
const base64 = request.toString("base64");
const pem = `-----BEGIN OCSP REQUEST-----\n${base64}\n-----END OCSP REQUEST-----\n`;

function rows(line: (at: string, octets: string[], text: string) => string): string {
  return Array.from({ length: Math.ceil(request.length / 16) }, (_, row) => {
    const octets = request.subarray(16 * row, 16 * row + 16);
    const text = octets.toString("latin1").replace(/[^ -~]/g, ".");
    const at = (16 * row).toString(16).padStart(8, "0");
    return line(at, octets.toString("hex").match(/../g) ?? [], text);
  }).join("\n");
}

const xxd = rows((at, octets, text) => {
  const words = octets.join("").match(/.{1,4}/g) ?? [];
  return `${at}: ${words.join(" ").padEnd(39)}  ${text}`;
});
const hexdump = rows((at, octets, text) => {
  const halves = [octets.slice(0, 8), octets.slice(8)].map((half) => half.join(" "));
  return `${at}  ${halves.join("  ").padEnd(48)}  |${text}|`;
});

describe("a request as people paste it", () => {
  const forms: readonly (readonly [string, string | Uint8Array, string])[] = [
    ["hexadecimal", hex, "hexadecimal"],
    [
      "hexadecimal in lines of 60 digits, upper case",
      hex.toUpperCase().replace(/.{60}/g, "$&\n"),
      "hexadecimal",
    ],
    ["with colons", pairs.join(":"), "hexadecimal"],
    ["with blanks", pairs.join(" "), "hexadecimal"],
    ["as C has it", pairs.map((pair) => `0x${pair}`).join(", "), "hexadecimal"],
    ["as Python has it", `"${pairs.map((pair) => `\\x${pair}`).join("")}"`, "hexadecimal"],
    ["as xxd shows it", xxd, "hexadecimal"],
    ["as hexdump -C shows it", `${hexdump}\n0000004d\n`, "hexadecimal"],
    ["base64 in quotes", `"${base64}"`, "base64"],
    ["base64 after a byte order mark", `\uFEFF${base64}`, "base64"],
    ["base64 in UTF-16", Buffer.from(`\uFEFF${base64}\r\n`, "utf16le"), "base64"],
    ["PEM in a quoted mail", pem.replace(/^(?=.)/gm, "> "), "PEM"],
    ["PEM in JSON", JSON.stringify(pem), "PEM"],
    [
      "the GET that a log has",
      `GET /${encodeURIComponent(base64)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      "base64",
    ],
  ];
  it.each(forms)("%s", async (_name, content, encoding) => {
    const [input, ...others] = await readInput(written(content));
    expect(others).toEqual([]);
    expect(input?.encoding).toBe(encoding);
    expect(Buffer.from(input?.der ?? []).toString("hex")).toBe(hex);
  });

  it("in a POST, however it goes on", async () => {
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${request.length}\r\n\r\n`;
    const message = Buffer.concat([Buffer.from(head), request, Buffer.from(head), request]);
    const [input] = await readInput(written(message));
    expect(Buffer.from(input?.der ?? [])).toEqual(request);
  });

  it("in what curl -i prints of an answer", async () => {
    const answer = readFileSync(`${VECTORS}synthetic/081-is-a-response.der`);
    const head = "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n\r\n";
    const [input] = await readInput(written(Buffer.concat([Buffer.from(head), answer])));
    expect(input).toMatchObject({ encoding: "DER" });
    expect(Buffer.from(input?.der ?? [])).toEqual(answer);
  });
});

describe("what is around it", () => {
  it("a key beside its certificate is passed over", async () => {
    const both = [pki.signer.key, pki.signer.certificate].map((file) => readFileSync(file, "utf8"));
    const { document } = await explain(written(both.join("")));
    expect(document).toMatchObject({ type: "Certificate", encoding: "PEM" });
  });

  it("a device that never ends is read so far", async () => {
    const failure = {
      code: "badFile",
      message: expect.stringMatching(/larger than 536870912 octets/),
    };
    await expect(readInput("/dev/zero")).rejects.toMatchObject(failure);
  });

  it.each(["-----BEGIN ", "say -----BEGIN X509 CRL----- twice", "30 5", "GET / HTTP/1.1\r\n\r\n"])(
    "%j is nothing",
    async (text) => {
      await expect(readInput(written(text))).rejects.toMatchObject({ code: "badFile" });
    },
  );
});
