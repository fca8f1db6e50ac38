import * as real from "../../../src/signing/packing.ts";
import { plantedFault } from "./fault.ts";

export const packPairs: typeof real.packPairs = real.packPairs;

/** The rows of a job; with the fault, records of another version: signed and proved, but not asked for. */
export const unpackPairs: typeof real.unpackPairs = function* (packed) {
  for (const { key, value } of real.unpackPairs(packed)) {
    if (plantedFault() === "another record") value[10] = (value[10] ?? 0) ^ 1;
    yield { key, value };
  }
};
