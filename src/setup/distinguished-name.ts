import { ObjectIdentifier, PrintableString, Sequence, Set as SetOf, Utf8String } from "asn1js";
import { RelativeDistinguishedNames } from "pkijs";

/** A distinguished name of the demo: countryName is VN. */
export interface DemoName {
  readonly organization: string;
  readonly commonName: string;
}

/**
 * The Name (RFC 5280 4.1.2.4): UTF8Strings in Unicode's composed form, as names are compared (7.1);
 * countryName is a PrintableString (A.1).
 *
 * Encoded here, because pkijs puts all attributes into one multi-valued RelativeDistinguishedName,
 * which some clients cannot match.
 */
export function distinguishedName({
  organization,
  commonName,
}: DemoName): RelativeDistinguishedNames {
  const name = new Sequence({
    value: [
      rdn("2.5.4.6", new PrintableString({ value: "VN" })),
      rdn("2.5.4.10", new Utf8String({ value: organization.normalize("NFC") })),
      rdn("2.5.4.3", new Utf8String({ value: commonName.normalize("NFC") })),
    ],
  });
  return new RelativeDistinguishedNames({ valueBeforeDecode: name.toBER() });
}

function rdn(type: string, value: PrintableString | Utf8String): SetOf {
  const attribute = new Sequence({ value: [new ObjectIdentifier({ value: type }), value] });
  return new SetOf({ value: [attribute] });
}
