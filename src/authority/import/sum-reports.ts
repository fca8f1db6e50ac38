import type { ImportReport } from "../admin-import-types.ts";

/** Sums reports; a part that is left out changes nothing. */
export function sumReports(one: ImportReport, other: ImportReport): ImportReport {
  return {
    read: one.read + other.read,
    added: one.added + other.added,
    unchanged: one.unchanged + other.unchanged,
    changed: one.changed + other.changed,
    bad: [...one.bad, ...other.bad],
  };
}
