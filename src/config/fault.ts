/** Keys and indexes from the top of the file to one value. */
export type FaultPath = readonly PropertyKey[];

/** A Problem whose place is still a path; the source of the file knows the line. */
export interface Fault {
  readonly path: FaultPath;
  readonly problem: string;
  readonly do: string;
}

/** A path as the operator reads it: `issuers[0].ocsp.validity`. */
export function pathText(path: FaultPath): string {
  return path.reduce<string>((text, step) => text + stepText(step, text === ""), "");
}

function stepText(step: PropertyKey, isFirst: boolean): string {
  if (typeof step === "number") return `[${step}]`;
  const key = String(step);
  if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return isFirst ? key : `.${key}`;
}

/** A value in a sentence that begins "is …": short, on one line, without surprises for a terminal. */
export function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of keys";
  const text = String(value);
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u.test(short) ? short : JSON.stringify(short);
}
