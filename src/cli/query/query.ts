import { type Command, Option } from "commander";
import { examples } from "../examples.ts";
import type { Run } from "../outcome.ts";

/** Adds `vouch query`. */
export function addQuery(program: Command, run: Run): void {
  program
    .command("query")
    .summary("ask any OCSP responder as a client would, and verify what it says")
    .description(
      "Asks an OCSP responder, Vouch or any other, about certificates, as a client would, and verifies the answer: HTTP, encoding, signer, signature, times, nonce. Says everything that is wrong, and what to do.",
    )
    .usage("URL [CERTFILE...] --issuer CAFILE [options]")
    .argument("<url>", "the responder's URL, as certificates have it")
    .argument("[certificates...]", "certificates to ask about, PEM or DER")
    .requiredOption("--issuer <file>", "the certificate of the CA that issued them")
    .option(
      "--serial <hex>",
      "a serial number to ask about, instead of a certificate; may be repeated",
      repeated,
    )
    .option(
      "--file <list>",
      "ask about these: serial numbers one a line, or a PEM bundle; - is standard input",
    )
    .addOption(methodOption())
    .addOption(hashOption())
    .option(
      "--nonce",
      "send a nonce of 32 octets; another one in the answer is wrong, none is noted",
    )
    .option("--skew <duration>", "how much clocks may differ", "5m")
    .option("--timeout <duration>", "give up after so long", "10s")
    .option("--compare <url>", "ask this responder, too, and tell where the two differ in meaning")
    .addHelpText("after", HELP)
    .action(
      run(async (url: string, files: string[], _options, command: Command) => {
        const { query } = await import("./query-responder.ts");
        return query(url, files, command.optsWithGlobals());
      }),
    );
}

function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function methodOption(): Option {
  const says =
    "how to ask (default: GET where the URL has at most 255 octets, else POST; RFC 9919)";
  return new Option("--method <method>", says).choices(["get", "post"]);
}

function hashOption(): Option {
  return new Option("--hash <name>", "the CertID's hash algorithm")
    .choices(["sha1", "sha256", "sha384", "sha512"])
    .default("sha256");
}

const HELP = `${examples(
  "vouch query http://ocsp.example.vn --issuer ca.pem leader.pem",
  "vouch query http://ocsp.example.vn --issuer ca.pem --serial 0a:1b:2c --nonce --method post",
  "vouch query --compare http://old.example.vn http://new.example.vn --issuer ca.pem --file serials.txt",
)}

Exit codes: 0 every answer is good and valid (--compare: the two never differ);
1 an answer is revoked, unknown, an error, not to be relied on, or missing (--compare: they differ);
2 wrong usage.`;
