import type { ImportRow } from "../authority/admin-import-types.ts";
import { systemClocks } from "../authority/clock.ts";
import { ClockWatch } from "../authority/clock-watch.ts";
import { Configured } from "../authority/configured.ts";
import { makeDesk } from "../authority/desk.ts";
import { sortImport } from "../authority/import/sort.ts";
import { importBatch } from "../authority/import-batch.ts";
import { KeyWatch } from "../authority/key-watch.ts";
import type { Config } from "../config/config.ts";
import { createLogger } from "../observe/logger.ts";
import { startSigningPool } from "../signing/pool.ts";
import { openStore } from "../store/lmdb.ts";

/** Imports the demo's certificates with the authority's own rules, while no authority runs. */
export async function importDemo(
  config: Config,
  issuers: readonly { readonly name: string; readonly rows: readonly ImportRow[] }[],
): Promise<void> {
  const log = createLogger("authority");
  const store = openStore(config.data);
  const signing = new KeyWatch(startSigningPool(config.signingThreads), log);
  const watch = new ClockWatch({ store, ...systemClocks, log });
  const configured = new Configured(config, store, signing, watch.now, log);
  try {
    await configured.start();
    const desk = makeDesk({ store, signing, configured, watch, log });
    for (const issuer of configured.issuers) {
      const rows = issuers.find(({ name }) => name === issuer.name)?.rows ?? [];
      const sorted = sortImport([{ claims: "status", rows: [...rows], bad: [] }]);
      const by = "vouch init --demo";
      await importBatch(desk, issuer, { rows: sorted.rows, by, dryRun: false });
    }
  } finally {
    await signing.close();
    await store.close();
  }
}
