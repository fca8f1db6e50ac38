import { chmodSync } from "node:fs";
import { afterAll, beforeEach } from "vitest";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { type VouchEnded, type VouchOptions, vouch } from "../support/vouch-cli.ts";
import { choosePlaces, type Places, vouchDocument, writeVouchFile } from "../support/vouch-file.ts";
import { StandInAuthority } from "./stand-in-authority.ts";

/** A configuration of two issuers whose authority is the stand-in. */
export interface Bench {
  readonly places: Places;
  readonly first: Pki;
  readonly second: Pki;
  readonly authority: StandInAuthority;
  vouch(args: readonly string[], options?: VouchOptions): Promise<VouchEnded>;
}

/**
 * Makes one for the tests of a file, and removes it after them; each finds the authority as it was at first.
 * The issuers are `gov-1` and `cafe`, which could be a serial number.
 */
export async function makeBench(): Promise<Bench> {
  const places = await choosePlaces(tempFolder());
  chmodSync(places.folder, 0o755);
  const first = makePki({ algorithm: "ec", name: "First CA", leaves: 2 });
  const second = makePki({ algorithm: "ec", name: "Second CA", leaves: 1 });
  const issuers = [
    { name: "gov-1", pki: first },
    { name: "cafe", pki: second },
  ];
  writeVouchFile(places.config, vouchDocument(places, issuers));
  const authority = await StandInAuthority.listen(places.admin);
  beforeEach(() => authority.reset());
  afterAll(async () => {
    await authority.close();
    removeFolder(places.folder);
    first.remove();
    second.remove();
  });
  return {
    places,
    first,
    second,
    authority,
    vouch: (args, options) => vouch(args, { config: places.config, ...options }),
  };
}
