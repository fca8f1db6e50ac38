import { LoadSite } from "../site/load-site.ts";
import { dateAndTime, machine } from "../site/machine.ts";
import { measureAnswering } from "./answering.ts";
import type { GrowthRow, Thoroughness } from "./growth-row.ts";
import { importScattered, importSorted } from "./importing.ts";
import { CLIENT } from "./request-load.ts";
import { measureSweep } from "./sweeping.ts";

/** Measures everything with this many records, in a store of its own that is removed afterwards. */
export async function grow(
  records: number,
  thoroughness: Thoroughness,
  say: (what: string) => void,
): Promise<GrowthRow> {
  const about = { records, measured: dateAndTime(), machine: machine(), client: CLIENT };
  const site = await LoadSite.make({ crl: false });
  try {
    say("import");
    const importing = await importSorted(site, records);
    site.keepData();
    say("answers");
    const answering = await measureAnswering(site, records, thoroughness);
    say("sweep");
    const sweeping = await measureSweep(site, records);
    say("30 % more, in scattered order");
    site.restoreData();
    site.configure({ crl: false });
    const storeOctetsLater = await importScattered(site, records);
    return { ...about, ...thoroughness, ...importing, ...answering, ...sweeping, storeOctetsLater };
  } finally {
    await site.remove();
  }
}
