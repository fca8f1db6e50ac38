import type { LenientReader } from "../../der/lenient-reader.ts";
import { readAnyTime, timeText } from "../../der/lenient-time.ts";
import { contextTag, Tag } from "../../der/reader.ts";
import { readAlgorithm } from "../../x509/algorithm-identifier.ts";
import { KEY_USAGES } from "../../x509/extensions.ts";
import { nameText } from "../../x509/name.ts";
import { printable } from "../../x509/printable.ts";
import { reasonName } from "../../x509/reason.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import { bitNames, REASON_FLAGS } from "./bit-names.ts";
import { type Field, type Fields, hexText } from "./explanation.ts";
import { distributionPointName, generalNameText } from "./general-name.ts";
import { algorithmName, oidName } from "./names.ts";

/** Reads the value of one extension, to be shown. */
type ReadValue = (reader: LenientReader) => Field;

const octets: ReadValue = (reader) => hexText(reader.content(Tag.octetString));
const time: ReadValue = (reader) => timeText(readAnyTime(reader, "generalized"));
const names: ReadValue = (reader) => reader.list(Tag.sequence, () => generalNameText(reader));
const number: ReadValue = (reader) => decimal(reader.integer());
const oids: ReadValue = (reader) => reader.list(Tag.sequence, () => oidName(reader.oid()));
const nothing: ReadValue = (reader) => {
  reader.content(Tag.null);
  return null;
};

/** How each extension's value is read (RFC 5280 4.2, 5.2, 5.3; RFC 6960 4.4; X.509). */
export const VALUES: ReadonlyMap<string, ReadValue> = new Map<string, ReadValue>([
  ["2.5.29.14", octets],
  ["2.5.29.15", (reader) => bitNames(reader.content(Tag.bitString), KEY_USAGES)],
  ["2.5.29.17", names],
  ["2.5.29.18", names],
  ["2.5.29.19", basicConstraints],
  ["2.5.29.20", number],
  ["2.5.29.21", (reader) => reasonText(reader.smallInteger(Tag.enumerated))],
  ["2.5.29.24", time],
  ["2.5.29.27", number],
  ["2.5.29.28", issuingDistributionPoint],
  ["2.5.29.29", names],
  ["2.5.29.31", distributionPoints],
  ["2.5.29.32", policies],
  ["2.5.29.35", authorityKeyIdentifier],
  ["2.5.29.37", oids],
  ["2.5.29.46", distributionPoints],
  ["2.5.29.60", time],
  ["1.3.6.1.5.5.7.1.1", accessDescriptions],
  ["1.3.6.1.5.5.7.48.1.2", nonce],
  ["1.3.6.1.5.5.7.48.1.3", crlReferences],
  ["1.3.6.1.5.5.7.48.1.4", oids],
  ["1.3.6.1.5.5.7.48.1.5", nothing],
  ["1.3.6.1.5.5.7.48.1.6", time],
  ["1.3.6.1.5.5.7.48.1.7", serviceLocator],
  ["1.3.6.1.5.5.7.48.1.8", preferredAlgorithms],
  ["1.3.6.1.5.5.7.48.1.9", nothing],
]);

/** A reason's name, or its number where there is none. */
export function reasonText(code: number): string {
  return reasonName(code) ?? String(code);
}

function decimal(content: Uint8Array): string {
  const hex = Buffer.from(content).toString("hex");
  if ((content[0] ?? 0) > 0x7f) return `negative (0x${hex})`;
  return hex === "" ? "" : BigInt(`0x${hex}`).toString();
}

function basicConstraints(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, () => ({
    cA: reader.peek() === Tag.boolean && reader.boolean(),
    pathLenConstraint: reader.atEnd ? null : reader.smallInteger(),
  }));
}

function authorityKeyIdentifier(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, () => {
    const fields: Record<string, Field> = {};
    if (reader.peek() === 0x80) fields["keyIdentifier"] = hexText(reader.content(0x80));
    if (reader.peek() === contextTag(1)) {
      fields["authorityCertIssuer"] = reader.list(contextTag(1), () => generalNameText(reader));
    }
    if (reader.peek() === 0x82) {
      fields["authorityCertSerialNumber"] = serialNumberText(reader.integer(0x82));
    }
    return fields;
  });
}

/** IssuingDistributionPoint (RFC 5280 5.2.5); its booleans where they are written. */
function issuingDistributionPoint(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, () => {
    const fields: Record<string, Field> = {};
    while (!reader.atEnd) {
      const tag = reader.peek();
      if (tag === contextTag(0)) {
        fields["distributionPoint"] = reader.inside(tag, () => distributionPointName(reader));
      } else if (tag === 0x83) {
        fields["onlySomeReasons"] = bitNames(reader.content(tag), REASON_FLAGS);
      } else {
        const name = SCOPES.get(tag) ?? reader.fail("no field of IssuingDistributionPoint");
        fields[name] = readFlag(reader, tag);
      }
    }
    noteScopes(reader, fields);
    return fields;
  });
}

/** At most one kind of certificates may be the only one (RFC 5280 5.2.5). */
function noteScopes(reader: LenientReader, fields: Fields): void {
  const only = Object.keys(fields).filter((name) => /^onlyC/.test(name) && fields[name] === true);
  if (only.length < 2) return;
  const problem = `${only.join(" and ")}: nothing is both`;
  reader.note({ where: reader.place, problem, rule: "RFC 5280 5.2.5", weight: "error" });
}

function readFlag(reader: LenientReader, tag: number): boolean {
  const where = reader.place;
  const isSet = reader.content(tag)[0] === 0xff;
  if (!isSet) {
    const problem = "not DER: FALSE is the default and is left out";
    reader.note({ where, problem, rule: "X.690 11.5", weight: "lapse" });
  }
  return isSet;
}

const SCOPES: ReadonlyMap<number, string> = new Map([
  [0x81, "onlyContainsUserCerts"],
  [0x82, "onlyContainsCACerts"],
  [0x84, "indirectCRL"],
  [0x85, "onlyContainsAttributeCerts"],
]);

/** CRLDistributionPoints (RFC 5280 4.2.1.13): a name for each point, or all that it says. */
function distributionPoints(reader: LenientReader): Field {
  return reader.list(Tag.sequence, () =>
    reader.inside(Tag.sequence, () => {
      const fields: Record<string, Field> = {};
      const name = reader.optional(contextTag(0), () => distributionPointName(reader));
      if (name !== undefined) fields["distributionPoint"] = name;
      if (reader.peek() === 0x81) {
        fields["reasons"] = bitNames(reader.content(0x81), REASON_FLAGS);
      }
      if (!reader.atEnd) {
        fields["cRLIssuer"] = reader.list(contextTag(2), () => generalNameText(reader));
      }
      return fields;
    }),
  );
}

function policies(reader: LenientReader): Field {
  return reader.list(Tag.sequence, () =>
    reader.inside(Tag.sequence, () => {
      const policy = oidName(reader.oid());
      const qualifiers = reader.atEnd ? [] : reader.list(Tag.sequence, () => qualifier(reader));
      return qualifiers.length === 0 ? policy : { policy, qualifiers };
    }),
  );
}

const CPS = "1.3.6.1.5.5.7.2.1";

function qualifier(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, () => {
    const oid = reader.oid();
    if (oid !== CPS) return `${oid}: ${hexText(reader.element())}`;
    const url = Buffer.from(reader.content(Tag.ia5String)).toString("latin1");
    return `CPS: ${printable(url)}`;
  });
}

function accessDescriptions(reader: LenientReader): Field {
  return reader.list(Tag.sequence, () =>
    reader.inside(Tag.sequence, () => `${oidName(reader.oid())}: ${generalNameText(reader)}`),
  );
}

/** RFC 9654 2.1; before RFC 6960 without the OCTET STRING. */
function nonce(reader: LenientReader): Field {
  if (reader.peek() === Tag.octetString) {
    const content = reader.content(Tag.octetString);
    return { octets: content.length, value: hexText(content, 128) };
  }
  const raw = reader.rest();
  return { octets: raw.length, value: hexText(raw, 128) };
}

/** CrlID (RFC 6960 4.4.2). */
function crlReferences(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, (): Fields => {
    const url = reader.optional(contextTag(0), () => reader.content(Tag.ia5String));
    const crlNum = reader.optional(contextTag(1), () => decimal(reader.integer()));
    const crlTime = reader.optional(contextTag(2), () => readAnyTime(reader, "generalized"));
    return {
      ...(url && { crlUrl: printable(Buffer.from(url).toString("latin1")) }),
      ...(crlNum !== undefined && { crlNum }),
      ...(crlTime && { crlTime: timeText(crlTime) }),
    };
  });
}

function serviceLocator(reader: LenientReader): Field {
  return reader.inside(Tag.sequence, () => ({
    issuer: nameText(reader.element(Tag.sequence)),
    locator: reader.atEnd ? null : accessDescriptions(reader),
  }));
}

/** PreferredSignatureAlgorithms (RFC 6960 4.4.7.1). */
function preferredAlgorithms(reader: LenientReader): Field {
  return reader.list(Tag.sequence, () =>
    reader.inside(Tag.sequence, () => {
      const name = algorithmName(readAlgorithm(reader));
      if (!reader.atEnd) reader.element();
      return name;
    }),
  );
}
