import { parseReason, REVOCATION_REASONS, type ReasonName } from "../x509/reason.ts";
import { Failure } from "./failure.ts";

/** The value of `--reason`: RFC 5280's names whatever the case, without those of hold and release. */
export function parseRevocationReason(given: string | undefined): ReasonName {
  if (given === undefined) {
    throw new Failure("usage", "--reason is required", `give ${KNOWN}`);
  }
  const reason = parseReason(given);
  if (!reason) throw new Failure("usage", `"${given}" is no reason`, `give ${KNOWN}`);
  const command = commandInstead[reason];
  if (!command) return reason;
  throw new Failure(
    "reasonRefused",
    `${reason} is not revocation: it ${command.does}`,
    `use "vouch ${command.name}"`,
  );
}

const KNOWN = `one of ${REVOCATION_REASONS.join(", ")}`;

const commandInstead: Partial<Record<ReasonName, { name: string; does: string }>> = {
  certificateHold: { name: "hold", does: "suspends a certificate for a while" },
  removeFromCRL: { name: "release", does: "ends a suspension" },
};
