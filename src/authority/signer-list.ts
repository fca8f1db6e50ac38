import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { readWithdrawn, type WithdrawnSigner } from "../store/withdrawn.ts";
import type { Certificate } from "../x509/certificate.ts";
import { isKeyURI } from "../x509/key-uri.ts";
import { serialNumberText } from "../x509/serial-number.ts";
import type { SignerState, SignerStatus } from "./admin-signer-types.ts";
import type { Desk } from "./desk.ts";
import { activeSigner, type Issuer, type IssuerSigner } from "./issuer.ts";
import type { RefusedSigner } from "./issuer-files.ts";

const DAY = 86_400;

/** The signers of an issuer's answers, the latest first; withdrawn ones too, configured or not. */
export function listSigners(desk: Desk, issuer: Issuer): SignerStatus[] {
  desk.store.refresh();
  const withdrawn = readWithdrawn(desk.store).filter((one) => one.issuer === issuer.number);
  const now = desk.clock();
  const next = nextSigner(issuer, now);
  const configured = issuer.signers
    .toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore)
    .map((signer) => signerStatus(issuer, signer, { now, next, withdrawn }));
  const names = new Set(configured.map(({ serialNumber }) => serialNumber));
  const others = withdrawn.filter(({ serialNumber }) => !names.has(serialNumber));
  return [
    ...configured,
    ...issuer.refusedSigners.map((one) => refusedSigner(issuer, one, now)),
    ...others.map((one) => formerSigner(issuer, one)),
  ];
}

/** Who takes over from the signer that signs now, and when, as things stand. */
function nextSigner(
  issuer: Issuer,
  now: UnixSeconds,
): { readonly signer: IssuerSigner; readonly at: UnixSeconds } | undefined {
  const current = activeSigner(issuer, now);
  const times = issuer.signers
    .flatMap(({ certificate }) => [certificate.notBefore, certificate.notAfter - 1])
    .filter((at) => at > now)
    .toSorted((a, b) => a - b);
  for (const at of times) {
    const signer = activeSigner(issuer, at);
    if (signer && signer !== current) return { signer, at };
  }
  return undefined;
}

function signerStatus(
  issuer: Issuer,
  signer: IssuerSigner,
  context: {
    readonly now: UnixSeconds;
    readonly next: ReturnType<typeof nextSigner>;
    readonly withdrawn: readonly WithdrawnSigner[];
  },
): SignerStatus {
  const { now, next, withdrawn } = context;
  const { certificate, keyFile, key, parts } = signer;
  const serialNumber = serialNumberText(certificate.serialNumber);
  const gone = withdrawn.find((one) => one.serialNumber === serialNumber);
  return {
    issuer: issuer.name,
    serialNumber,
    state: stateOf(issuer, signer, now),
    algorithm: parts.algorithm,
    notBefore: rfc3339(certificate.notBefore),
    notAfter: rfc3339(certificate.notAfter),
    daysLeft: daysLeft(certificate, now),
    nextAt: next?.signer === signer ? rfc3339(next.at) : null,
    key: {
      kind: isKeyURI(keyFile) ? "token" : "file",
      name: keyFile,
      isReachable: key.fault === null,
      fault: key.fault,
      signaturesPerSecond: key.rate === null ? null : Math.round(key.rate),
    },
    problem: null,
    withdrawn: gone ? { at: gone.at, by: gone.by } : null,
  };
}

function stateOf(issuer: Issuer, signer: IssuerSigner, now: UnixSeconds): SignerState {
  const { certificate, key } = signer;
  if (key.isWithdrawn) return "withdrawn";
  if (now >= certificate.notAfter - 1) return "expired";
  if (key.fault !== null) return "keyFault";
  if (now < certificate.notBefore) return "notYetValid";
  return activeSigner(issuer, now) === signer ? "signs" : "standsBy";
}

/** One that is configured, and whose certificate must not sign: its key is not tried. */
function refusedSigner(
  issuer: Issuer,
  { certificate, certificateFile, problem }: RefusedSigner,
  now: UnixSeconds,
): SignerStatus {
  return {
    issuer: issuer.name,
    serialNumber: certificate ? serialNumberText(certificate.serialNumber) : null,
    state: "refused",
    algorithm: null,
    notBefore: certificate ? rfc3339(certificate.notBefore) : null,
    notAfter: certificate ? rfc3339(certificate.notAfter) : null,
    daysLeft: certificate ? daysLeft(certificate, now) : null,
    nextAt: null,
    key: null,
    problem: certificate ? `${certificateFile}: ${problem}` : problem,
    withdrawn: null,
  };
}

function daysLeft({ notAfter }: Certificate, now: UnixSeconds): number {
  return Math.floor((notAfter - now) / DAY);
}

/** One that was withdrawn and is configured no more. */
function formerSigner(issuer: Issuer, { serialNumber, at, by }: WithdrawnSigner): SignerStatus {
  return {
    issuer: issuer.name,
    serialNumber,
    state: "withdrawn",
    algorithm: null,
    notBefore: null,
    notAfter: null,
    daysLeft: null,
    nextAt: null,
    key: null,
    problem: null,
    withdrawn: { at, by },
  };
}
