import { createHash } from "node:crypto";
import { join } from "node:path";
import { crlKinds } from "../config/crl-names.ts";
import { type CRLScope, crlScopes } from "../crl/scope.ts";
import { errorText } from "../observe/logger.ts";
import { recordNotAfter } from "../ocsp/record.ts";
import type { PreviousCRL, SignedCRL, Signing } from "../signing/jobs.ts";
import { PairChunks } from "../signing/packing.ts";
import type { CRLRow } from "../store/crl-rows.ts";
import { recordKey } from "../store/keys.ts";
import { CRLReason } from "../x509/reason.ts";
import { parseSerialNumber } from "../x509/serial-number.ts";
import { type CRLContent, readContent, removal } from "./crl-content.ts";
import { crlFileNames } from "./crl-files.ts";
import { type GateVerdict, judgeComplete, judgeDelta } from "./crl-gate.ts";
import type { CRLHistory } from "./crl-history.ts";
import { kindOf, nextUpdateOf, type Round } from "./crl-round.ts";
import type { Desk } from "./desk.ts";
import type { SignerFile } from "./issuer-files.ts";

/** A CRL that was made: its row, and its octets where it may be published. */
export interface MadeCRL {
  readonly row: CRLRow;
  readonly der: Uint8Array | undefined;
}

/** What a CRL is signed from, and judged by once it is. */
interface Making {
  readonly scope: CRLScope;
  readonly content: CRLContent;
  readonly sequence: number;
  readonly baseCRLNumber: string | null;
  readonly judge: (signed: SignedCRL) => Promise<GateVerdict>;
}

const PASSED: GateVerdict = { refused: null, endedHolds: [] };

/** Makes the CRLs of a round: reads what they list, has them signed and proved, and sends them through the gate. */
export class CRLMaker {
  readonly #desk: Desk;
  readonly #signing: Signing;
  readonly #history: CRLHistory;
  readonly #folder: string;

  constructor(desk: Desk, signing: Signing, history: CRLHistory, folder: string) {
    this.#desk = desk;
    this.#signing = signing;
    this.#history = history;
    this.#folder = folder;
  }

  /**
   * The CRLs one after the other, the full one first, the delta last; all of one state of the store. Without
   * an earlier base the delta is one to the round's own full CRL, and empty.
   */
  async *make(round: Round, signer: SignerFile): AsyncGenerator<MadeCRL> {
    const { issuer, crl, order, thisUpdate } = round;
    const { store } = this.#desk;
    const hasDelta = crl.deltaSeconds !== undefined;
    const base = hasDelta ? this.#history.base(issuer, thisUpdate) : undefined;
    const scopes = order.kinds === "all" ? crlScopes({ ...crlKinds(crl), hasDelta: false }) : [];
    const complete = scopes.map((scope) => ({ scope, previous: round.previous.get(scope) }));
    const { sequence, ...content } = await readContent(store, issuer, complete, base);
    let full: CRLRow | undefined;
    for (const { scope, previous } of complete) {
      const made = await this.#sign(round, signer, {
        ...{ scope, sequence, baseCRLNumber: null },
        content: content.complete.get(scope) as CRLContent,
        judge: (signed) => this.#judgeComplete(round, previous, signed, sequence),
      });
      full ??= made.row;
      yield made;
    }
    const ownBase = full?.refused === null ? full : undefined;
    if (!hasDelta || (full && !ownBase)) return;
    const to = base ?? ownBase;
    if (to) yield await this.#makeDelta(round, signer, { to, full, sequence, rows: content.delta });
  }

  #makeDelta(
    round: Round,
    signer: SignerFile,
    parts: {
      readonly to: CRLRow;
      readonly full: CRLRow | undefined;
      readonly sequence: number;
      readonly rows: PairChunks | undefined;
    },
  ): Promise<MadeCRL> {
    const { to, full, sequence, rows = new PairChunks() } = parts;
    const previous = round.previous.get("delta");
    const ended = [
      ...this.#history.endedHoldsSince(round.issuer, to),
      ...(full === to ? [] : (full?.endedHolds ?? [])),
    ];
    return this.#sign(round, signer, {
      ...{ scope: "delta", sequence, baseCRLNumber: to.crlNumber },
      content: { rows, changes: this.#endedHolds(round, ended) },
      judge: ({ difference }) => {
        const isComparable = difference && previous?.baseCRLNumber === to.crlNumber;
        const refused = isComparable ? judgeDelta(difference) : null;
        return Promise.resolve({ refused, endedHolds: [] });
      },
    });
  }

  /** removeFromCRL for certificates that expired while on hold, and still are (RFC 5280 5.3.1). */
  #endedHolds({ issuer }: Round, serialNumbers: readonly string[]): PairChunks {
    const pairs = new PairChunks();
    const { store } = this.#desk;
    const parsed = [...new Set(serialNumbers)].flatMap((text) => parseSerialNumber(text) ?? []);
    for (const serialNumber of parsed.sort(Buffer.compare)) {
      const key = recordKey(issuer.number, serialNumber);
      const record = store.get("records", key);
      if (!record || store.get("revoked", key)?.[0] !== CRLReason.certificateHold) continue;
      pairs.add(serialNumber, removal(recordNotAfter(record)));
    }
    return pairs;
  }

  #judgeComplete(
    { issuer }: Round,
    previous: CRLRow | undefined,
    { difference }: SignedCRL,
    sequence: number,
  ): Promise<GateVerdict> {
    if (!previous) return Promise.resolve(PASSED);
    if (difference) return judgeComplete(this.#desk, issuer, { previous, sequence }, difference);
    // Where somebody removed the files, nothing can be compared; a CRL that never comes again would be worse.
    const { scope, file } = previous;
    this.#desk.log.error({ issuer: issuer.name, scope, file }, "CRL file missing");
    return Promise.resolve(PASSED);
  }

  async #sign(round: Round, signer: SignerFile, making: Making): Promise<MadeCRL> {
    const { issuer, order } = round;
    const { scope, content, baseCRLNumber } = making;
    const job: Parameters<Signing["crl"]>[0] = {
      ...kindOf(round, scope, baseCRLNumber === null ? undefined : BigInt(baseCRLNumber)),
      keyFile: signer.keyFile,
      certificate: issuer.certificate.der,
      previous: this.#previous(issuer.name, round.previous.get(scope)),
      rows: content.rows.chunks(),
      changes: content.changes.chunks(),
      mostEntries: content.rows.count + content.changes.count,
    };
    // A rejection means that the key cannot be used.
    const signed = await this.#signing
      .crl(job)
      .catch((error: unknown) => ({ fault: `it was not signed: ${errorText(error)}` }));
    if ("fault" in signed) {
      return {
        row: rowOf(round, making, NOTHING, { refused: signed.fault, endedHolds: [] }),
        der: undefined,
      };
    }
    const verdict = await making.judge(signed);
    if (verdict.refused === null || order.force === null) {
      const row = rowOf(round, making, signed, verdict);
      return { row, der: row.refused === null ? signed.der : undefined };
    }
    const { refused: against } = verdict;
    this.#desk.log.warn({ issuer: issuer.name, scope, against, force: order.force }, "CRL forced");
    return { row: rowOf(round, making, signed, { ...verdict, refused: null }), der: signed.der };
  }

  #previous(issuer: string, row: CRLRow | undefined): PreviousCRL | undefined {
    if (!row) return undefined;
    const { scope, crlNumber, thisUpdate, sha256, file } = row;
    const { newest } = crlFileNames(issuer, scope, crlNumber);
    const files = [file, newest].map((name) => join(this.#folder, name));
    return { crlNumber: BigInt(crlNumber), thisUpdate, sha256, files };
  }
}

/** What a CRL is that did not pass its proof. */
const NOTHING: Pick<SignedCRL, "der" | "sha256" | "entries"> = {
  der: new Uint8Array(0),
  sha256: createHash("sha256").digest("hex"),
  entries: 0,
};

function rowOf(
  round: Round,
  { scope, sequence, baseCRLNumber }: Making,
  { der, sha256, entries }: Pick<SignedCRL, "der" | "sha256" | "entries">,
  { refused, endedHolds }: GateVerdict,
): CRLRow {
  const crlNumber = round.crlNumber.toString();
  return {
    ...{ scope, crlNumber, baseCRLNumber, sequence, entries, sha256, refused, endedHolds },
    keepsExpired: round.crl.keepExpired,
    thisUpdate: round.thisUpdate,
    nextUpdate: nextUpdateOf(round, scope),
    bytes: der.length,
    file: crlFileNames(round.issuer.name, scope, crlNumber).file,
  };
}
