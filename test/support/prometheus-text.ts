/** One sample of a Prometheus text exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What `/metrics` says: the types of its metrics by name, and the samples. */
export interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlySet<string>;
  readonly samples: readonly Sample[];
}

const COMMENT = /^# (HELP|TYPE) (\S+) (.*)$/g;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABELS = /^(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,|$))*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format. Throws at the first line that is not of it. */
export function parsePrometheus(text: string): Exposition {
  const lines = text.split("\n").filter((line) => line !== "");
  const comments = lines.flatMap((line) => [...line.matchAll(COMMENT)]);
  const pairs = (kind: string): [string, string][] =>
    comments
      .filter(([, which]) => which === kind)
      .map(([, , name = "", rest = ""]): [string, string] => [name, rest]);
  return {
    types: new Map(pairs("TYPE")),
    helps: new Set(pairs("HELP").map(([name]) => name)),
    samples: lines.filter((line) => !line.startsWith("#")).map(parseSample),
  };
}

function parseSample(line: string): Sample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined || !LABELS.test(labels)) {
    throw new Error(`not a Prometheus sample: ${line}`);
  }
  const pairs = [...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text] as const);
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  return { name, labels: Object.fromEntries(pairs), value: number };
}

/** The sum of a metric's samples that have these labels. */
export function total(
  { samples }: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
    .reduce((sum, { value }) => sum + value, 0);
}
