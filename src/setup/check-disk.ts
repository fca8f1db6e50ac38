import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { type Finding, problem, type Setup, warning } from "./finding.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** File systems by statfs's f_type, as Linux's magic.h and statfs(2) have them. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
]);
/** What stands behind these may be on this machine or not. */
const THROUGH_ANOTHER: ReadonlyMap<number, string> = new Map([
  [0x65735546, "FUSE"],
  [0x01021997, "9p"],
]);

/** What of a file system matters here, in octets. */
export interface FileSystem {
  readonly type: number;
  readonly free: number;
  readonly size: number;
}

/** Whether the data folder's disk has room, and is one that LMDB can live on. */
export async function checkDisk({ config }: Setup): Promise<Finding[]> {
  if (!existsSync(config.data)) return [];
  const { type, bavail, blocks, bsize } = await statfs(config.data);
  const disk = { type: type >>> 0, free: bavail * bsize, size: blocks * bsize };
  return [...spaceFindings(config.data, disk), ...typeFindings(config.data, disk)];
}

/** Too little room for the store to grow and CRLs to be written. */
export function spaceFindings(where: string, { free, size }: FileSystem): Finding[] {
  const share = free / size;
  if (free >= GIB && share >= 0.05) return [];
  const found = {
    where,
    problem: `${Math.floor(free / MIB)} MiB (${Math.floor(share * 100)} %) are free on its disk`,
    do: "make room, or move data to a larger disk: nothing can be revoked on a full one",
  };
  return [free < 100 * MIB ? problem(found) : warning(found)];
}

/** LMDB shares memory and locks between processes, which holds on one machine only. */
export function typeFindings(where: string, { type }: FileSystem): Finding[] {
  const remedy = "move data to a disk of this machine (ext4, XFS)";
  const network = NETWORK.get(type);
  if (network) {
    const what = `is on a network file system (${network}), where LMDB loses data`;
    return [problem({ where, problem: what, do: remedy })];
  }
  const other = THROUGH_ANOTHER.get(type);
  if (!other) return [];
  const what = `is on ${other}, and LMDB needs a disk of this very machine`;
  return [warning({ where, problem: what, do: `${remedy}, unless you know it is one` })];
}
