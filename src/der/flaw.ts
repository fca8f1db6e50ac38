/** One thing that an encoded object has against a standard. */
export interface Flaw {
  /** The field in the RFC's names, or the byte: `responses[0].nextUpdate`, `byte 17`. */
  readonly where: string;
  readonly problem: string;
  /** The standard and its section: `RFC 9654 2.1`. */
  readonly rule: string;
  /** An error breaks the standard; so does a lapse, which relying parties accept none the less; advice breaks nothing. */
  readonly weight: "error" | "lapse" | "advice";
}
