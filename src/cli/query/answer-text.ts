import { coloured } from "../output.ts";
import { table } from "../table.ts";
import type { Answer } from "./answer.ts";

/** One answer for people: the verdict first, then what it says, then what is wrong. */
export function answerText(answer: Answer): string {
  const said = table(rows(answer).filter((row): row is [string, string] => row[1] !== null));
  const told = [
    ...answer.problems.map((one) => toldText(coloured("red", "wrong:"), one)),
    ...answer.warnings.map((one) => toldText(coloured("yellow", "note:"), one)),
  ];
  return [`${subjectText(answer)}: ${verdictText(answer)}`, indented(said), ...told].join("\n");
}

/** The status in one word; what must not be relied on says so. */
function verdictText(answer: Answer): string {
  const said = answer.certStatus ?? answer.responseStatus ?? "no answer";
  if (answer.valid) return coloured(answer.certStatus === "good" ? "green" : "red", said);
  const not = coloured("red", "not to be relied on");
  return answer.certStatus === null ? coloured("red", said) : `${said}, ${not}`;
}

function subjectText({ certificate, serialNumber }: Answer): string {
  return certificate === null ? serialNumber : `${certificate} (${serialNumber})`;
}

function rows(answer: Answer): [string, string | null][] {
  const { signer, httpStatus, milliseconds, bytes } = answer;
  return [
    ["asked", `${answer.url} by ${answer.method}, CertID with ${answer.hash}`],
    ["HTTP", httpStatus === null ? null : `${httpStatus}, ${bytes} bytes in ${milliseconds} ms`],
    ["responseStatus", answer.responseStatus],
    ["revoked", answer.revocationDate && `${answer.revocationDate}, ${answer.reason}`],
    ["thisUpdate", answer.thisUpdate],
    ["nextUpdate", answer.nextUpdate],
    ["producedAt", answer.producedAt],
    ["nonce", answer.nonce === "notAsked" ? null : answer.nonce],
    ["signer", signer && `${signer.name} (${SIGNERS[signer.by]}), ${signer.algorithm}`],
    ["signer until", signer?.notAfter ?? null],
  ];
}

const SIGNERS = { ca: "the CA itself", delegate: "a delegate" } as const;

function toldText(label: string, { problem, do: remedy }: Answer["problems"][number]): string {
  return indented(`${label} ${problem}\n  ${remedy}`);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
