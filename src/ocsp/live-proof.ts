import type { KeyObject } from "node:crypto";
import { sameOctets } from "../der/oids.ts";
import { NULL, sequence } from "../der/writer.ts";
import type { LiveContent, LiveSingle } from "./live-answer.ts";
import { type Fault, signatureFault, signerFault, statusFault, timeFault } from "./proof.ts";
import { type LiveAnswer, readLiveAnswer, type SingleResponse } from "./response.ts";
import type { IssuerParts, SignerParts } from "./template.ts";

/** What a live answer must say, and by whom. */
export interface ExpectedLive extends LiveContent {
  readonly issuer: IssuerParts;
  readonly signer: SignerParts;
  readonly publicKey: KeyObject;
}

/** A SingleResponse and its extensions take less; so does what is round all of them. */
const LARGEST_SINGLE = 512;

/**
 * Proof before a live answer leaves, as `proveAnswer` for those that are pre-signed: read back by the
 * decoder that shares no code with the encoder, every SingleResponse in the order of the request says what
 * its record says, the nonce is the one that was asked with, extended-revoke is there where it must be
 * (RFC 6960 4.4.8) and nowhere else, and the signature verifies. What is recorded is said of the signer's
 * own issuer only (RFC 6960 4.2.2.2). Returns the first fault, or nothing.
 */
export function proveLiveAnswer(der: Uint8Array, expected: ExpectedLive): Fault | undefined {
  const { singles, signer } = expected;
  const most = signer.certificate.length + signer.signatureSize + LARGEST_SINGLE;
  if (der.length > most + singles.length * LARGEST_SINGLE) return "size";
  const answer = readOrNothing(der);
  if (!answer || answer.responses.length !== singles.length) return "size";
  return (
    singlesFault(answer, expected) ??
    extensionFault(answer, expected) ??
    signerFault(answer, expected) ??
    signatureFault(answer, expected)
  );
}

function readOrNothing(der: Uint8Array): LiveAnswer | undefined {
  try {
    return readLiveAnswer(der);
  } catch {
    return undefined;
  }
}

function singlesFault(answer: LiveAnswer, expected: ExpectedLive): Fault | undefined {
  const { issuer, signer, singles } = expected;
  for (const [i, single] of singles.entries()) {
    const said = { ...(answer.responses[i] as SingleResponse), producedAt: answer.producedAt };
    const { record } = single;
    const fault =
      certIDFault(said, single, issuer) ??
      (single.knowledge === "unknown" ? unknownFault(said) : statusFault(said, record)) ??
      timeFault(said, { record, issuer, signer });
    if (fault) return fault;
  }
  return undefined;
}

function certIDFault(
  said: SingleResponse,
  { certID, knowledge }: LiveSingle,
  issuer: IssuerParts,
): Fault | undefined {
  if (!sameOctets(said.serialNumber, certID.serialNumber)) return "serialNumber";
  const { hash } = certID;
  const ours =
    hash !== undefined &&
    sameOctets(said.issuerNameHash, issuer.nameHash[hash]) &&
    sameOctets(said.issuerKeyHash, issuer.keyHash[hash]);
  const same =
    sameOctets(said.hashAlgorithm, sequence(certID.hashAlgorithm, NULL)) &&
    sameOctets(said.issuerNameHash, certID.issuerNameHash) &&
    sameOctets(said.issuerKeyHash, certID.issuerKeyHash);
  return same && (ours || knowledge === "unknown") ? undefined : "hash";
}

function unknownFault({ certStatus }: SingleResponse): Fault | undefined {
  return certStatus === "unknown" ? undefined : "certStatus";
}

/** A nonce that is missing, another's or too many makes it an answer to another request: `size` says so. */
function extensionFault(answer: LiveAnswer, { nonce, singles }: ExpectedLive): Fault | undefined {
  const sameNonce = nonce ? answer.nonce && sameOctets(answer.nonce, nonce) : !answer.nonce;
  if (!sameNonce) return "size";
  const isExtended = singles.some(({ knowledge }) => knowledge === "unissued");
  return answer.extendedRevoke === isExtended ? undefined : "certStatus";
}
