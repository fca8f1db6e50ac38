/** A private key in a token, as a `pkcs11:` URI names it (RFC 7512). What is undefined is not asked for. */
export interface KeyURI {
  /** The PKCS #11 library's file, absolute. */
  readonly modulePath: string;
  /** The file that holds the user's PIN, absolute; without one nobody logs in. */
  readonly pinFile: string | undefined;
  readonly token: string | undefined;
  readonly serial: string | undefined;
  readonly model: string | undefined;
  readonly manufacturer: string | undefined;
  readonly slotID: number | undefined;
  readonly object: string | undefined;
  readonly id: Buffer | undefined;
}

/** Why a URI cannot be used, and what to do about it. */
export interface KeyURIProblem {
  readonly problem: string;
  readonly do: string;
}

const EXAMPLE =
  "pkcs11:token=vouch;object=gov-1-ocsp?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/vouch/pin";
const PATH_NAMES = ["token", "serial", "model", "manufacturer", "slot-id", "object", "id", "type"];
const QUERY_NAMES = ["module-path", "pin-source"];

/** Whether a key's name in the configuration is a URI rather than a file. */
export function isKeyURI(key: string): boolean {
  return key.startsWith("pkcs11:");
}

/** Reads a `pkcs11:` URI; every attribute has to be one that is understood (RFC 7512 2.3). */
export function parseKeyURI(uri: string): KeyURI | KeyURIProblem {
  const [path = "", query = ""] = uri.slice("pkcs11:".length).split("?", 2);
  if (/[?&;:]pin-value=/.test(uri)) {
    const remedy = "put the PIN in a file of mode 0600, and write pin-source=file:/THAT/FILE";
    return { problem: "holds a PIN (pin-value)", do: remedy };
  }
  const attributes = new Map<string, Buffer>();
  for (const [part, names] of [
    ...split(path, ";").map((one) => [one, PATH_NAMES] as const),
    ...split(query, "&").map((one) => [one, QUERY_NAMES] as const),
  ]) {
    const problem = addAttribute(attributes, part, names);
    if (problem) return { problem, do: `write it like ${EXAMPLE}` };
  }
  return keyURI(attributes);
}

function split(text: string, separator: string): string[] {
  return text === "" ? [] : text.split(separator);
}

function addAttribute(
  attributes: Map<string, Buffer>,
  part: string,
  names: readonly string[],
): string | undefined {
  const equals = part.indexOf("=");
  const name = part.slice(0, Math.max(0, equals));
  if (!names.includes(name))
    return `has "${name || part}" where one of ${names.join(", ")} may stand`;
  if (attributes.has(name)) return `has ${name} twice`;
  const octets = percentDecoded(part.slice(equals + 1));
  if (!octets) return `has ${name} with a "%" that begins no octet`;
  attributes.set(name, octets);
  return undefined;
}

function percentDecoded(text: string): Buffer | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const pieces = text.split(/(%[0-9A-Fa-f]{2})/);
  return Buffer.concat(
    pieces.map((piece, i) => Buffer.from(i % 2 ? piece.slice(1) : piece, i % 2 ? "hex" : "utf8")),
  );
}

function keyURI(attributes: ReadonlyMap<string, Buffer>): KeyURI | KeyURIProblem {
  const text = (name: string): string | undefined => attributes.get(name)?.toString("utf8");
  const slotID = text("slot-id");
  const pinSource = text("pin-source");
  const uri: KeyURI = {
    modulePath: text("module-path") ?? "",
    pinFile: pinSource?.replace(/^file:(\/\/(?=\/))?/, ""),
    token: text("token"),
    serial: text("serial"),
    model: text("model"),
    manufacturer: text("manufacturer"),
    slotID: slotID === undefined ? undefined : Number(slotID),
    object: text("object"),
    id: attributes.get("id"),
  };
  const problem = missing(uri, text("type") ?? "private");
  return problem ? { problem, do: `write it like ${EXAMPLE}` } : uri;
}

function missing(uri: KeyURI, type: string): string | undefined {
  const { modulePath, pinFile, token, serial, slotID, object, id } = uri;
  if (type !== "private") return `is of type ${type}, and only a private key signs`;
  if (!modulePath.startsWith("/")) return "has no absolute module-path";
  if (pinFile !== undefined && !pinFile.startsWith("/"))
    return "has no absolute file as pin-source";
  if (slotID !== undefined && !Number.isSafeInteger(slotID))
    return "has a slot-id that is no number";
  if (token === undefined && serial === undefined && slotID === undefined) {
    return "names no token (token, serial or slot-id)";
  }
  if (object === undefined && id === undefined) return "names no key in the token (object or id)";
  return undefined;
}
