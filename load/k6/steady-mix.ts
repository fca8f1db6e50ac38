// The national mix at a steady rate.
import { MIX } from "./mix.ts";
import { constantRate, options as makeOptions, type Options } from "./options.ts";

export const options: Options = makeOptions({ mix: constantRate("askMixed") }, MIX);

export { handleSummary } from "./inputs.ts";
export { askMixed } from "./mix.ts";
