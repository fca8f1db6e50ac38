import { makeAiaLeaf, type PointingLeaf } from "./leaf-with-pointers.ts";
import { type Leaf, makePki, type Pki } from "./openssl-pki.ts";
import { type Site, startSite } from "./site.ts";

/** Every kind of signer that clients of the field know, and with each another way that certificates name the responder. */
export const SIGNERS = [
  { name: "ec-delegate", algorithm: "ec", direct: false, path: "" },
  { name: "ec-direct", algorithm: "ec", direct: true, path: "/" },
  { name: "rsa-delegate", algorithm: "rsa", direct: false, path: "/ocsp" },
  { name: "rsa-direct", algorithm: "rsa", direct: true, path: "/ocsp/" },
] as const;

/** A CA's name in the configuration. */
export type SignerName = (typeof SIGNERS)[number]["name"];

/** A CA and certificates of it that name the responder; the unissued one is unknown to its register. */
export interface IssuedLeaves {
  readonly pki: Pki;
  readonly caCertificate: string;
  readonly good: PointingLeaf;
  readonly revoked: PointingLeaf;
  readonly unissued: PointingLeaf;
}

/** A daemon with an issuer of each kind. */
export interface EverySignerSite {
  readonly site: Site;
  /** Fresh certificates of this issuer. */
  certificates(name: SignerName): IssuedLeaves;
}

/** Starts a daemon with an issuer of each kind; takes half a minute where the machine is busy. */
export async function startEverySigner(): Promise<EverySignerSite> {
  const issuers = SIGNERS.map(({ name, algorithm, direct, path }) => {
    const pki = makePki({ algorithm, direct, name: `CA thử ${name}`, leaves: 3 });
    pki.revokeInIndex(pki.leaves[1] as Leaf, ["-crl_reason", "keyCompromise"]);
    return { name, pki, path };
  });
  const site = await startSite({ issuers });
  const certificates = (name: SignerName): IssuedLeaves => {
    const { pki, path } = issuers.find((issuer) => issuer.name === name) as (typeof issuers)[0];
    const [good, revoked] = pki.leaves as [Leaf, Leaf];
    const make = (serial: string): PointingLeaf => makeAiaLeaf(pki, serial, site.daemon.url + path);
    return {
      pki,
      caCertificate: pki.caCertificate,
      good: make(good.serialNumber),
      revoked: make(revoked.serialNumber),
      unissued: make("0bad"),
    };
  };
  return { site, certificates };
}
