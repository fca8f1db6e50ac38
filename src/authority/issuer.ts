import type { IssuerConfig } from "../config/config.ts";
import { crlKinds, fullCRLPaths } from "../config/crl-names.ts";
import type { UnixSeconds } from "../der/time.ts";
import { HASHES, type HashName } from "../ocsp/hash.ts";
import type { IssuerParts, SignerParts } from "../ocsp/template.ts";
import type { KeyRef } from "../signing/jobs.ts";
import { algorithmOf, isDirectSigner, publicKeyOf } from "../signing/signer-check.ts";
import { statusEnds } from "../store/held-crls.ts";
import type { ServedIssuer } from "../store/service-view.ts";
import { issuerNumber, signerNumber } from "../store/settings.ts";
import type { StoreReader, Transaction } from "../store/store.ts";
import { publicKeyName } from "../store/withdrawn.ts";
import { type Certificate, keyHash, nameHash, readCertificate } from "../x509/certificate.ts";
import { type SignatureAlgorithm, signatureSize } from "../x509/signature-algorithm.ts";
import type { IssuerFiles, RefusedSigner, SignerFile } from "./issuer-files.ts";
import type { KeyState, KeyWatch } from "./key-watch.ts";

/** A signer that is at hand. */
export interface IssuerSigner extends SignerFile {
  readonly parts: SignerParts;
  readonly key: KeyState;
}

/** An issuing CA as the authority works for it. */
export interface Issuer {
  readonly name: string;
  readonly number: number;
  readonly config: IssuerConfig;
  readonly certificate: Certificate;
  readonly parts: IssuerParts;
  readonly signers: readonly IssuerSigner[];
  /** Those that are configured and must not sign. */
  readonly refusedSigners: readonly RefusedSigner[];
  readonly crlSigner: SignerFile | undefined;
  /** The numbers of signers whose answers are served. */
  readonly servedSigners: ReadonlySet<number>;
  /**
   * When what is known of its certificates' status ends: with the CRL in force, for an issuer whose status comes
   * from CRLs; never for others. It is read anew each time.
   */
  readonly statusEnds: () => UnixSeconds;
}

/** When an answer that this signer signs now has to have ended. */
export function answersEndBefore(issuer: Issuer, signer: IssuerSigner): UnixSeconds {
  return Math.min(signer.parts.notAfter, issuer.statusEnds() + 1);
}

/**
 * The signer that signs now: of the valid ones whose key works the one with the latest notBefore; nothing where
 * there is none.
 */
export function activeSigner(issuer: Issuer, now: UnixSeconds): IssuerSigner | undefined {
  return issuer.signers
    .filter(({ certificate: { notBefore, notAfter } }) => notBefore <= now && now < notAfter - 1)
    .filter(({ key }) => key.fault === null)
    .toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore)[0];
}

/** An issuer before it is known what is served of it. */
type MadeIssuer = Omit<Issuer, "servedSigners">;

/** An issuer from its files; its number and those of its signers are looked up or given. */
export function makeIssuer(
  transaction: Transaction,
  files: IssuerFiles & { readonly certificate: Certificate },
  {
    keys,
    store,
  }: { readonly keys: Pick<KeyWatch, "stateOf">; readonly store: Pick<StoreReader, "get"> },
): MadeIssuer {
  const { config, certificate } = files;
  const number = issuerNumber(transaction, certificate.subject, certificate.subjectPublicKey);
  return {
    name: config.name,
    number,
    config,
    certificate,
    parts: issuerParts(certificate),
    signers: files.signers.map((signer) => ({
      ...signer,
      parts: signerParts(signer.certificate, certificate, {
        number: numberOf(transaction, signer, files),
        archive: config.ocsp.archive,
      }),
      key: keys.stateOf(keyRef(signer)),
    })),
    refusedSigners: files.refusedSigners,
    crlSigner: files.crlSigner,
    statusEnds: () => statusEnds(store, { number, source: config.source }),
  };
}

/** An issuer as answers name it. */
export function issuerParts(certificate: Certificate): IssuerParts {
  return {
    nameHash: hashes((hash) => nameHash(certificate.subject, hash)),
    keyHash: hashes((hash) => keyHash(certificate, hash)),
    notBefore: certificate.notBefore,
  };
}

function hashes(make: (hash: HashName) => Uint8Array): Readonly<Record<HashName, Uint8Array>> {
  const names = Object.keys(HASHES) as HashName[];
  return Object.fromEntries(names.map((hash) => [hash, make(hash)])) as Record<
    HashName,
    Uint8Array
  >;
}

/** A signer's key, as signing names it. */
export function keyRef({ keyFile, certificate }: SignerFile): KeyRef {
  return { keyFile, certificate: certificate.der };
}

/** All that the octets around a signature are made from; another of any of these is another signer. */
function numberOf(
  transaction: Transaction,
  { certificate }: SignerFile,
  issuer: IssuerFiles & { readonly certificate: Certificate },
): number {
  const { archive } = issuer.config.ocsp;
  const rest = Buffer.from(` ${archive} ${issuer.certificate.notBefore}`);
  return signerNumber(transaction, Buffer.concat([certificate.der, rest]));
}

/** A signer as answers name it; its key must be one that signs here. */
export function signerParts(
  certificate: Certificate,
  issuer: Certificate,
  rest: Pick<SignerParts, "number" | "archive">,
): SignerParts {
  const algorithm = algorithmOf(certificate) as SignatureAlgorithm;
  return {
    ...rest,
    certificate: certificate.der,
    keyHash: keyHash(certificate, "sha1"),
    algorithm,
    signatureSize: signatureSize(algorithm, publicKeyOf(certificate)),
    direct: isDirectSigner(certificate, issuer),
    notAfter: certificate.notAfter,
  };
}

/** Whether a key, by its name in the store, was withdrawn. */
export type IsWithdrawn = (publicKey: string) => boolean;

/** What responders are told of an issuer; signers that earlier answers may be from are kept, but for withdrawn ones. */
export function servedIssuer(
  issuer: MadeIssuer,
  before: ServedIssuer | undefined,
  isWithdrawn: IsWithdrawn,
): ServedIssuer {
  const { config } = issuer;
  const current = issuer.signers.map(({ parts }) => parts);
  const earlier = (before?.signers ?? []).filter(
    ({ number }) => !current.some((signer) => signer.number === number),
  );
  const signers = [...current, ...earlier].filter(
    ({ certificate }) => !isWithdrawn(publicKeyName(readCertificate(certificate))),
  );
  return {
    name: issuer.name,
    number: issuer.number,
    certificate: issuer.certificate.der,
    parts: issuer.parts,
    signers,
    validitySeconds: config.ocsp.validitySeconds,
    backdateSeconds: config.ocsp.backdateSeconds,
    unissued: config.ocsp.unissued,
    nonce: config.ocsp.nonce,
    archive: config.ocsp.archive,
    certificatePaths: [`/ca/${issuer.name}.cer`, ...config.paths],
    crlPaths: fullCRLPaths(issuer.name, config.crl),
    crlKinds: crlKinds(config.crl),
    source: config.source,
  };
}
