import type {
  CertificateStatus,
  ChangeReport,
  RevokeRequest,
} from "../../src/authority/admin-types.ts";
import { request } from "./http-client.ts";
import type { Places } from "./vouch-file.ts";

/** Revokes one certificate through the admin socket, as `vouch revoke` does, without starting a process. */
export async function revokeByAdmin(
  { admin }: Pick<Places, "admin">,
  issuer: string,
  serialNumber: string,
): Promise<ChangeReport> {
  const asked: RevokeRequest = {
    issuer,
    serialNumbers: [serialNumber],
    reason: "keyCompromise",
    revocationDate: null,
    invalidityDate: null,
    request: null,
    agency: null,
    by: "test",
    dryRun: false,
  };
  return await ask(admin, "/revoke", asked);
}

/** What the store says of a certificate. */
export function statusByAdmin(
  { admin }: Pick<Places, "admin">,
  issuer: string,
  serialNumber: string,
): Promise<CertificateStatus> {
  return ask(admin, `/certificates/${issuer}/${serialNumber}`);
}

/** Rejects when there is no authority, or when it refuses. */
async function ask<T>(socketPath: string, path: string, asked?: object): Promise<T> {
  const sent =
    asked === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(asked),
        };
  const answer = await request(`http://localhost${path}`, { socketPath, ...sent });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body.toString()}`);
  return JSON.parse(answer.body.toString()) as T;
}
