import type { Readable } from "node:stream";
import { parseSerialNumber, type SerialNumber } from "../x509/serial-number.ts";
import type { Asked, Route } from "./admin-server.ts";
import type { ReloadReport } from "./admin-types.ts";
import { certificateStatus } from "./certificate-status.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { CRLPublisher } from "./crl-publisher.ts";
import type { Desk } from "./desk.ts";
import { certificateHistory } from "./history.ts";
import { importBatch } from "./import-batch.ts";
import type { CRLImporter } from "./imported-crl/crl-importer.ts";
import { receiveCRL } from "./imported-crl/receive-crl.ts";
import type { Issuer } from "./issuer.ts";
import { keepReconciled, reconcilePart } from "./reconcile.ts";
import { Refused } from "./refused.ts";
import {
  readAsker,
  readHoldRequest,
  readImportBatch,
  readIssueRequest,
  readPastTime,
  readReconcileBatch,
  readReconciled,
  readReleaseRequest,
  readRevokeRequest,
} from "./requests.ts";
import { revoke } from "./revocation.ts";
import { listSigners } from "./signer-list.ts";
import { collectStats, knownTimes, type StatsSources } from "./stats.ts";
import { certificateStatusAt } from "./status-then.ts";
import { hold, release } from "./suspension.ts";
import type { Withdrawals } from "./withdrawal.ts";

/** What the admin socket's answers come from. */
export interface AdminSources {
  readonly desk: Desk;
  readonly publisher: CRLPublisher;
  readonly importer: CRLImporter;
  readonly stats: StatsSources;
  readonly watch: Pick<ClockWatch, "accept" | "outlook">;
  readonly withdrawals: Pick<Withdrawals, "withdraw" | "progress">;
  readonly reload: (by: string) => Promise<ReloadReport["amiss"]>;
}

/** Everything that can be asked on the admin socket. */
export function adminRoutes(sources: AdminSources): Route[] {
  const { desk, publisher, importer, stats, watch, reload } = sources;
  return [
    ...statusRoutes(desk),
    ...certificateRoutes(desk),
    ...signerRoutes(sources),
    route("POST", "/import/:issuer", ({ groups, body }) =>
      importBatch(desk, issuerNamed(desk, groups["issuer"]), readImportBatch(body)),
    ),
    route("POST", "/reconcile/:issuer", ({ groups, body }) =>
      reconcilePart(desk, issuerNamed(desk, groups["issuer"]), readReconcileBatch(body)),
    ),
    route("POST", "/reconciled/:issuer", async ({ groups, body }) => {
      await keepReconciled(desk, issuerNamed(desk, groups["issuer"]), readReconciled(body));
      return {};
    }),
    {
      ...route("POST", "/import/:issuer/crl", ({ groups, query, body }) =>
        receiveCRL(importer, issuerNamed(desk, groups["issuer"]), query, body as Readable),
      ),
      takes: "octets",
    },
    route("POST", "/crls/:issuer", ({ groups, body }) =>
      publisher.issue(issuerNamed(desk, groups["issuer"]), readIssueRequest(body)),
    ),
    route("GET", "/crls", ({ query }) =>
      issuersNamed(desk, query).flatMap((issuer) => publisher.list(issuer)),
    ),
    route("GET", "/stats", () => collectStats(stats)),
    route("GET", "/clock", () => watch.outlook((now) => knownTimes(desk, now))),
    route("POST", "/clock/accept", ({ body }) => watch.accept(readAsker(body))),
    route("POST", "/reload", async ({ body }) => {
      const amiss = await reload(readAsker(body));
      return { amiss } satisfies ReloadReport;
    }),
  ];
}

/** The changes of status. */
function statusRoutes(desk: Desk): Route[] {
  return [
    route("POST", "/revoke", ({ body }) => {
      const request = readRevokeRequest(body, desk.clock());
      return revoke(desk, issuerNamed(desk, request.issuer), request);
    }),
    route("POST", "/hold", ({ body }) => {
      const request = readHoldRequest(body, desk.clock());
      return hold(desk, issuerNamed(desk, request.issuer), request);
    }),
    route("POST", "/release", ({ body }) => {
      const request = readReleaseRequest(body);
      return release(desk, issuerNamed(desk, request.issuer), request);
    }),
  ];
}

/** What is told of one certificate. */
function certificateRoutes(desk: Desk): Route[] {
  return [
    route("GET", "/certificates/:issuer/:serialNumber", ({ groups, query }) => {
      const { issuer, serialNumber } = certificateNamed(desk, groups);
      const at = query.get("at");
      if (at === null) return certificateStatus(desk, issuer, serialNumber);
      return certificateStatusAt(desk, issuer, serialNumber, readPastTime(at, desk.clock()));
    }),
    route("GET", "/certificates/:issuer/:serialNumber/history", ({ groups }) => {
      const { issuer, serialNumber } = certificateNamed(desk, groups);
      return certificateHistory(desk.store, issuer, serialNumber);
    }),
  ];
}

/** The signers of answers. */
function signerRoutes({ desk, withdrawals }: AdminSources): Route[] {
  return [
    route("GET", "/signers", ({ query }) =>
      issuersNamed(desk, query).flatMap((issuer) => listSigners(desk, issuer)),
    ),
    route("POST", "/signers/:issuer/:serialNumber/withdraw", ({ groups, body }) => {
      const { issuer, serialNumber } = certificateNamed(desk, groups);
      return withdrawals.withdraw(issuer, serialNumber, readAsker(body));
    }),
    route("GET", "/signers/:issuer/replacement", ({ groups }) =>
      withdrawals.progress(issuerNamed(desk, groups["issuer"])),
    ),
  ];
}

/** All issuers, or the one that is asked for. */
function issuersNamed(desk: Desk, query: URLSearchParams): readonly Issuer[] {
  const name = query.get("issuer");
  return name === null ? desk.issuers() : [issuerNamed(desk, name)];
}

function route(
  method: Route["method"],
  pathname: string,
  answer: (asked: Asked) => unknown,
): Route {
  return { method, pattern: new URLPattern({ pathname }), takes: "json", answer };
}

function certificateNamed(
  desk: Desk,
  groups: Asked["groups"],
): { issuer: Issuer; serialNumber: SerialNumber } {
  const issuer = issuerNamed(desk, groups["issuer"]);
  const serialNumber = parseSerialNumber(groups["serialNumber"] ?? "");
  if (serialNumber) return { issuer, serialNumber };
  throw new Refused(
    "usage",
    `"${groups["serialNumber"]}" is no serial number`,
    "give hexadecimal digits",
  );
}

function issuerNamed(desk: Desk, name: string | undefined): Issuer {
  const issuer = desk.issuers().find((one) => one.name === name);
  if (issuer) return issuer;
  const names = desk.issuers().map((one) => one.name);
  throw new Refused(
    "unknownIssuer",
    `the authority knows no issuer "${name}"`,
    `name one of: ${names.join(", ")}; a new one is known after vouch reload`,
  );
}
