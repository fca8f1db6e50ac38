// The national mix while a country's offices open.
import { MIX } from "./mix.ts";
import { options as makeOptions, type Options, peakRate } from "./options.ts";

export const options: Options = makeOptions({ mix: peakRate("askMixed") }, MIX);

export { handleSummary } from "./inputs.ts";
export { askMixed } from "./mix.ts";
