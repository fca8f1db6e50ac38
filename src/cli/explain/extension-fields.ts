import type { Flaw } from "../../der/flaw.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { DerError } from "../../der/reader.ts";
import type { AnyExtension } from "../../x509/extension-list.ts";
import { type Field, type Fields, hexText } from "./explanation.ts";
import { VALUES } from "./extension-values.ts";
import { oidName } from "./names.ts";

/** Extensions to be shown, in their order; a value that cannot be read is a flaw, and shown as octets. */
export function extensionFields(
  extensions: readonly AnyExtension[],
  where: string,
  flaws: Flaw[],
): Fields[] {
  return extensions.map((extension) => {
    const { oid, isCritical } = extension;
    const name = oidName(oid);
    return {
      name,
      ...(name === oid ? {} : { oid }),
      critical: isCritical,
      value: shownValue(extension, `${where}, ${name}`, flaws),
    };
  });
}

function shownValue({ oid, value }: AnyExtension, where: string, flaws: Flaw[]): Field {
  const read = VALUES.get(oid);
  if (!read) return hexText(value);
  const found: Flaw[] = [];
  const reader = new LenientReader(value, "the value", found, undefined);
  try {
    const field = read(reader);
    reader.end();
    return field;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    found.push({ where, problem: error.message, rule: "X.690 8", weight: "error" });
    return hexText(value);
  } finally {
    flaws.push(...found.map((flaw) => ({ ...flaw, where })));
  }
}
