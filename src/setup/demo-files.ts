import { join } from "node:path";

/** The files of one issuer of the demo. */
export interface DemoFiles {
  readonly name: string;
  readonly caFile: string;
  readonly keyFile: string;
  readonly signerFile: string;
  readonly signerKeyFile: string;
  /** All subscribers' certificates. */
  readonly certsFile: string;
  readonly goodFile: string;
  readonly revokedFile: string;
}

/** The files of the issuer of this name, in the demo's folder. */
export function filesOf(folder: string, name: string): DemoFiles {
  return {
    name,
    caFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key`),
    signerFile: join(folder, `${name}-ocsp.pem`),
    signerKeyFile: join(folder, `${name}-ocsp.key`),
    certsFile: join(folder, `${name}-certs.pem`),
    goodFile: join(folder, `${name}-good.pem`),
    revokedFile: join(folder, `${name}-revoked.pem`),
  };
}
