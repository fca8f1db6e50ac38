/*
 * Asks as Node.js programs do, with two libraries of npm.
 * npm.mjs FOLDER URL CA.pem LEAF.pem prints what each says; FOLDER has them in node_modules.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ocspUrl, caFile, leafFile] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
// Not this project's own dependencies.
const [{ getCertStatus }, ocsp] = ["easy-ocsp", "ocsp"].map((name) => require(name));
const [ca, leaf] = [caFile, leafFile].map((file) => readFileSync(file, "utf8"));

function der(pem) {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
}

for (const enableNonce of [true, false]) {
  const said = await getCertStatus(leaf, { ca, ocspUrl, enableNonce }).then(
    ({ status, revocationReason }) => [status, revocationReason].join(" ").trim(),
    ({ message }) => message,
  );
  process.stdout.write(`easy-ocsp: ${said}\n`);
}
ocsp.check({ cert: der(leaf), issuer: der(ca) }, (error, answer) => {
  process.stdout.write(`ocsp: ${error ? error.message : answer.type}\n`);
});
