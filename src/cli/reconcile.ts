import { type Command, Option } from "commander";
import type {
  ImportRow,
  ReconcileBatch,
  Reconciled,
  ReconcilePart,
} from "../authority/admin-import-types.ts";
import type { ImportFormat } from "../authority/import/detect.ts";
import { type AdminClient, withAuthority } from "./admin-client.ts";
import { namedIssuer, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { withProgress } from "./progress.ts";
import { counted, table } from "./table.ts";

interface ReconcileOptions extends CommonOptions {
  readonly format?: ImportFormat | "serials";
}

/** What `reconcile` prints; of each kind all are counted, and the first thousand of a part named. */
interface Reconciliation extends ReconcilePart {
  readonly issuer: string;
  /** How many certificates the list has. */
  readonly listed: number;
}

const DESCRIPTION = `Compares the certificates that Vouch knows with the CA's own list: index.txt, CSV, certificates
(files or folders), or serial numbers in hexadecimal, one a line. Nothing is changed. Exit 1 when
the two differ; vouch_reconcile_differences keeps what was found.`;

/** Adds `vouch reconcile`. */
export function addReconcile(program: Command, run: Run): void {
  program
    .command("reconcile")
    .summary("compare with the CA's own list")
    .description(DESCRIPTION)
    .argument("<issuer>", "its name in the configuration")
    .argument("<list...>", "files, folders, or - for standard input")
    .addOption(
      new Option("--format <format>", "of every file (default: seen from each)").choices([
        "certs",
        "index",
        "csv",
        "serials",
      ]),
    )
    .addHelpText(
      "after",
      examples(
        "vouch reconcile gov-1 /srv/ca/index.txt",
        "vouch reconcile gov-1 - --format serials < issued.txt",
      ),
    )
    .action(
      run((issuer: string, files: string[], _options, command: Command) =>
        reconcile(issuer, files, command.optsWithGlobals()),
      ),
    );
}

type ListedRow = ReconcileBatch["rows"][number];

async function reconcile(
  name: string,
  files: readonly string[],
  { format, config: file }: ReconcileOptions,
): Promise<Outcome> {
  const config = await readConfiguration(file);
  const issuer = namedIssuer(config, name);
  const isOfSerials = format === "serials" || (!format && (await areSerialLists(files)));
  const rows = isOfSerials
    ? await listedSerials(files)
    : await listedRows(issuer, files, format as ImportFormat | undefined);
  return withAuthority(config, async (authority) => {
    const found = await compare(authority, name, rows);
    const { missingHere, missingThere, differing } = found;
    const counts: Reconciled = {
      missingHere: missingHere.count,
      missingThere: missingThere.count,
      differing: differing.count,
    };
    await authority.post(`/reconciled/${encodeURIComponent(name)}`, counts);
    const differs = Object.values(counts).some((count) => count > 0);
    return { exitCode: differs ? 1 : 0, document: found, text: reconciliationText(found) };
  });
}

async function listedRows(
  issuer: Parameters<typeof namedIssuer>[0]["issuers"][number],
  files: readonly string[],
  format: ImportFormat | undefined,
): Promise<ListedRow[]> {
  const { readImport } = await import("./import-files.ts");
  const { rows, bad, crls } = await readImport(issuer, files, format);
  const [first] = bad;
  if (first) {
    const more = bad.length > 1 ? ` (and ${bad.length - 1} more lines)` : "";
    const message = `${first.file}:${first.line}: ${first.message}${more}`;
    throw new Failure(
      "badFile",
      message,
      "mend the list: half of one would show what is not there",
    );
  }
  if (crls.length > 0) {
    throw new Failure(
      "badFile",
      "a CRL is no list of what was issued",
      "give index.txt, CSV, certificates or serial numbers",
    );
  }
  return rows.map(listedRow);
}

/** A certificate tells that it was issued, and nothing of what became of it. */
function listedRow({ serialNumber, status, claims }: ImportRow): ListedRow {
  return { serialNumber, status: claims === "issuance" ? null : status };
}

async function areSerialLists(files: readonly string[]): Promise<boolean> {
  const { looksLikeSerialList } = await import("./serial-list.ts");
  return (await Promise.all(files.map(looksLikeSerialList))).every((looks) => looks);
}

async function listedSerials(files: readonly string[]): Promise<ListedRow[]> {
  const { readSerialList } = await import("./serial-list.ts");
  const { inStoreOrder } = await import("../authority/import/sort.ts");
  const all = (await Promise.all(files.map(readSerialList))).flat();
  return inStoreOrder(all).map((serialNumber) => ({ serialNumber, status: null }));
}

const LARGEST_PART = 1000;

/** Part by part, so that together they are all records. */
async function compare(
  authority: AdminClient,
  issuer: string,
  rows: readonly ListedRow[],
): Promise<Reconciliation> {
  const path = `/reconcile/${encodeURIComponent(issuer)}`;
  let found: ReconcilePart = { records: 0, ...NOTHING };
  await withProgress("comparing", async (progress) => {
    let after: string | null = null;
    for (let at = 0; at === 0 || at < rows.length; at += LARGEST_PART) {
      const part = rows.slice(at, at + LARGEST_PART);
      const isLast = at + LARGEST_PART >= rows.length;
      const until: string | null = isLast ? null : (part.at(-1)?.serialNumber ?? null);
      const batch: ReconcileBatch = { after, until, rows: part };
      found = joined(found, await authority.post<ReconcilePart>(path, batch));
      after = until;
      progress(Math.min(at + LARGEST_PART, rows.length), rows.length);
    }
  });
  return { issuer, listed: rows.length, ...found };
}

const NOTHING = {
  missingHere: { count: 0, named: [] },
  missingThere: { count: 0, named: [] },
  differing: { count: 0, named: [] },
};

function joined(one: ReconcilePart, other: ReconcilePart): ReconcilePart {
  return {
    records: one.records + other.records,
    missingHere: both(one.missingHere, other.missingHere),
    missingThere: both(one.missingThere, other.missingThere),
    differing: both(one.differing, other.differing),
  };
}

interface Kind<T> {
  readonly count: number;
  readonly named: readonly T[];
}

function both<T>(one: Kind<T>, other: Kind<T>): Kind<T> {
  return { count: one.count + other.count, named: [...one.named, ...other.named] };
}

const MOST_SHOWN = 20;

function reconciliationText(found: Reconciliation): string {
  const { records, listed, missingHere, missingThere, differing } = found;
  const lines = [
    table([
      ["records here", counted(records)],
      ["in the list", counted(listed)],
      ["only in the list", counted(missingHere.count)],
      ["only here", counted(missingThere.count)],
      ["of other status", counted(differing.count)],
    ]),
    ...shown("only in the list (import them)", missingHere, (serial) => serial),
    ...shown("only here", missingThere, (serial) => serial),
    ...shown(
      "of other status",
      differing,
      (one) => `${one.serialNumber}: ${one.here} here, ${one.there} in the list`,
    ),
  ];
  return lines.join("\n");
}

function shown<T>(title: string, { count, named }: Kind<T>, text: (one: T) => string): string[] {
  if (count === 0) return [];
  const first = named.slice(0, MOST_SHOWN).map((one) => `  ${text(one)}`);
  const more = count > first.length ? [`  and ${counted(count - first.length)} more`] : [];
  return ["", `${title}:`, ...first, ...more];
}
