import { join } from "node:path";
import { crlKinds } from "../config/crl-names.ts";
import { type CRLScope, crlScopes } from "../crl/scope.ts";
import { rfc3339 } from "../der/time.ts";
import { type CRLRow, readCRLRows } from "../store/crl-rows.ts";
import { type RefusedCRL, readRefusedCRL } from "../store/refused-crls.ts";
import type { Store } from "../store/store.ts";
import type { ListedCRL, PublishedCRL } from "./admin-crl-types.ts";
import type { CRLHistory } from "./crl-history.ts";
import type { Issuer } from "./issuer.ts";

/** So many of a scope are listed. */
const MOST_LISTED = 20;

/** What CRLs are listed from; `folder` is where their files are published. */
interface CRLSources {
  readonly store: Store;
  readonly history: CRLHistory;
  readonly folder: string;
}

/**
 * The newest CRLs of an issuer, newest first; of each shard the one that is published, and one refused since.
 * Where CRLs are imported, the last one that was brought and is not used stands before them.
 */
export function listCRLs(sources: CRLSources, issuer: Issuer): ListedCRL[] {
  const { store, folder } = sources;
  store.refresh();
  const isMadeHere = issuer.config.crl?.signer !== undefined;
  const refused = isMadeHere ? undefined : readRefusedCRL(store, issuer.number);
  return [
    ...(refused ? [shownRefused(issuer, refused)] : []),
    ...crlScopes(crlKinds(issuer.config.crl)).flatMap((scope) =>
      rowsOf(sources, issuer, scope).map((row) => shownCRL(issuer, row, folder)),
    ),
  ];
}

/** A CRL's row as commands print it. */
export function shownCRL(issuer: Issuer, row: CRLRow, folder: string): PublishedCRL {
  return {
    issuer: issuer.name,
    scope: row.scope,
    crlNumber: row.crlNumber,
    baseCRLNumber: row.baseCRLNumber,
    thisUpdate: rfc3339(row.thisUpdate),
    nextUpdate: rfc3339(row.nextUpdate),
    entries: row.entries,
    bytes: row.bytes,
    sha256: row.sha256,
    file: join(folder, row.file),
    refused: row.refused,
  };
}

function rowsOf({ store, history }: CRLSources, issuer: Issuer, scope: CRLScope): CRLRow[] {
  if (scope === "full" || scope === "delta") {
    return readCRLRows(store, issuer.number, scope, MOST_LISTED);
  }
  const [newest] = readCRLRows(store, issuer.number, scope, 1);
  if (!newest?.refused) return newest ? [newest] : [];
  return [newest, history.published(issuer, scope) ?? []].flat();
}

/** What cannot be read is taken for a full one. */
function shownRefused(issuer: Issuer, { name, refused, says }: RefusedCRL): ListedCRL {
  return {
    issuer: issuer.name,
    scope: says?.scope ?? "full",
    crlNumber: says?.crlNumber ?? null,
    baseCRLNumber: says?.baseCRLNumber ?? null,
    thisUpdate: says ? rfc3339(says.thisUpdate) : null,
    nextUpdate: says ? rfc3339(says.nextUpdate) : null,
    entries: says?.entries ?? null,
    bytes: says?.bytes ?? null,
    sha256: says?.sha256 ?? null,
    file: name,
    refused,
  };
}
