import { readFileSync } from "node:fs";

/** What can be made to go wrong in a signing thread. */
export type PlantedFault =
  | "none"
  | "wrong serial"
  | "wrong hash"
  | "wrong status"
  | "wrong reason"
  | "wrong time"
  | "another responder"
  | "another certificate"
  | "another key"
  | "a bit of the signature"
  | "too large"
  | "another record";

/** What is to go wrong now: the test writes it into a file. */
export function plantedFault(): PlantedFault {
  return readFileSync(process.env["PLANTED_FAULT"] ?? "", "utf8") as PlantedFault;
}
