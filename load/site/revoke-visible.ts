import type { ChangeReport, RevokeRequest } from "../../src/authority/admin-types.ts";
import type { AdminClient } from "../../src/cli/admin-client.ts";
import { peekAnswer } from "../../test/support/der-peek.ts";
import { Asker } from "./asker.ts";
import { ISSUER, type LoadSite } from "./load-site.ts";

const GIVEN_UP_MS = 10_000;

/** What revokes, and what it asks afterwards. */
export interface RevocationPlan {
  readonly site: Pick<LoadSite, "url" | "request">;
  readonly authority: AdminClient;
  readonly serialNumbers: Iterable<Uint8Array>;
  /** Milliseconds between the end of one and the next. */
  readonly pauseMs: number;
  /** Looked at before each: no more are begun once it says so. */
  readonly enough?: () => boolean;
}

/**
 * Revokes one certificate after the other on the admin socket, and asks for it by OCSP all the while:
 * milliseconds of each from the request to the first answer that says `revoked`.
 */
export async function timeRevocations(plan: RevocationPlan): Promise<number[]> {
  const asker = new Asker(plan.site.url, 1);
  const times: number[] = [];
  for (const serialNumber of plan.serialNumbers) {
    if (plan.enough?.()) break;
    times.push(await timeRevocation(plan, asker, serialNumber));
    await new Promise((resolve) => setTimeout(resolve, plan.pauseMs));
  }
  asker.close();
  return times;
}

async function timeRevocation(
  { authority, site }: RevocationPlan,
  asker: Asker,
  serialNumber: Uint8Array,
): Promise<number> {
  const der = site.request(serialNumber, "sha1");
  const began = performance.now();
  const revoking = authority.post<ChangeReport>("/revoke", revokeRequest(serialNumber));
  const visible = untilRevoked(asker, der, began);
  const [{ changed, unsigned }, milliseconds] = await Promise.all([revoking, visible]);
  if (changed === 1 && unsigned.length === 0) return milliseconds;
  throw new Error(`a revocation changed ${changed} and left ${unsigned.length} unsigned`);
}

async function untilRevoked(asker: Asker, der: Buffer, began: number): Promise<number> {
  for (;;) {
    const { single } = peekAnswer(await asker.ask(der));
    const passed = performance.now() - began;
    if (single[0]?.certStatus === "revoked") return passed;
    if (passed > GIVEN_UP_MS) throw new Error(`not revoked ${GIVEN_UP_MS} ms after it was asked`);
  }
}

/** A request to revoke this certificate of the load. */
export function revokeRequest(serialNumber: Uint8Array): RevokeRequest {
  return {
    issuer: ISSUER,
    serialNumbers: [Buffer.from(serialNumber).toString("hex")],
    reason: "keyCompromise",
    revocationDate: null,
    invalidityDate: null,
    request: null,
    agency: null,
    by: "load",
    dryRun: false,
  };
}
