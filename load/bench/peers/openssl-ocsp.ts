import { ask } from "../ask.ts";
import { freePort, Launched } from "../launch.ts";
import type { BenchServer, RunningServer, Site, Way } from "../server.ts";

const POST: Way = { method: "POST", protocol: "connection each" };

/** `openssl ocsp`, which takes one connection at a time and one request on each. */
export const opensslOcsp: BenchServer = {
  name: "openssl",
  needs: [],
  fixedAnswer: false,
  ways: [POST],
  start,
};

async function start(site: Site): Promise<RunningServer> {
  const { pki, index, cores } = site;
  const port = await freePort();
  const ca = ["-index", index, "-CA", pki.caCertificate];
  const signer = ["-rsigner", pki.signerCertificate, "-rkey", pki.signerKey, "-ndays", "1"];
  const listen = ["-port", String(port), "-ignore_err"];
  const launched = new Launched(cores.server, ["openssl", "ocsp", ...listen, ...ca, ...signer]);
  const running = { pid: launched.pid, port: () => port, stop: () => launched.stop() };
  const [first] = site.questions;
  // A connection without a request would hang it: the first sign of life is an answer.
  await launched.untilReady(async () => first && (await ask(running, POST, first)));
  return running;
}
