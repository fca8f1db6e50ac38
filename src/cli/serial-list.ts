import { open, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Failure } from "./failure.ts";
import { normalSerialNumber } from "./named-certificates.ts";

/** Serial numbers of a file, one a line; `#` begins a comment, `-` is standard input. */
export async function readSerialList(file: string): Promise<string[]> {
  return serialsIn(await readText(file), file);
}

const HEAD_OCTETS = 4_096;

/** Whether a file begins with whole lines of serial numbers; of standard input nothing can be seen beforehand. */
export async function looksLikeSerialList(file: string): Promise<boolean> {
  const head = await readHead(file);
  const lines = head.replace(/#.*/g, "").split("\n");
  if (head.length === HEAD_OCTETS) lines.pop();
  const written = lines.map((line) => line.trim()).filter((line) => line !== "");
  return written.length > 0 && written.every((line) => normalSerialNumber(line) !== undefined);
}

async function readHead(file: string): Promise<string> {
  if (file === "-") return "";
  const opened = await open(file).catch(() => undefined);
  if (!opened) return "";
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(HEAD_OCTETS), 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    // A folder.
    return "";
  } finally {
    await opened.close();
  }
}

/** The serial numbers in a text, one a line; `file` names it in messages. */
export function serialsIn(list: string, file: string): string[] {
  const listed: string[] = [];
  const bad: string[] = [];
  list.split("\n").forEach((line, i) => {
    const written = line.replace(/#.*/, "").trim();
    if (written === "") return;
    const serialNumber = normalSerialNumber(written);
    if (serialNumber) listed.push(serialNumber);
    else bad.push(`${file}:${i + 1}: "${written}" is no serial number in hexadecimal`);
  });
  if (bad.length === 0) return listed;
  throw new Failure("usage", bad.join("\n"), "mend these lines and try again: nothing was done");
}

async function readText(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  return readFile(file, "utf8").catch((error: Error) => {
    throw new Failure("badFile", `cannot read ${file}: ${error.message}`, "check the path");
  });
}
