import type { z } from "zod";
import { namesOtherScopes } from "../crl/scope.ts";
import type { CrlConfig } from "./config.ts";
import { defaultDuration, duration, isDuration, readDuration } from "./duration.ts";
import type { Fault } from "./fault.ts";
import { type Draft, group, ruled } from "./group.ts";
import { signerSchema } from "./ocsp-schema.ts";
import { flag, integer, scalar } from "./scalar.ts";
import { crlURL, urlPaths } from "./url-path.ts";

/** `issuers[].crl`. */
export function crlSchema(folder: string): z.ZodType<CrlConfig> {
  const keys = group({
    signer: signerSchema(folder).optional(),
    validity: duration("1s").default(defaultDuration("48h")),
    every: duration("1s").default(defaultDuration("12h")),
    onRevocation: duration().default(defaultDuration("1m")),
    leastInterval: duration().default(defaultDuration("1m")),
    delta: duration().optional(),
    shards: integer(0, 4096).default(0),
    keepExpired: flag().default(true),
    keep: kept().default({ count: 20 }),
    url: crlURL().optional(),
    paths: urlPaths("/pki/pub/crl/NAME.crl").default([]),
  });
  return ruled(ruled(keys, timeFaults), urlFaults).transform((crl) => ({
    signer: crl.signer,
    validitySeconds: crl.validity.seconds,
    everySeconds: crl.every.seconds,
    onRevocationSeconds: crl.onRevocation.seconds,
    leastIntervalSeconds: crl.leastInterval.seconds,
    deltaSeconds: crl.delta?.seconds || undefined,
    shards: crl.shards,
    keepExpired: crl.keepExpired,
    keep: crl.keep,
    url: crl.url,
    paths: crl.paths,
  }));
}

const FEWEST_KEPT = 2;
const MOST_KEPT = 100_000;

/** The newest one and the one before it are always kept. */
function kept(): z.ZodType<CrlConfig["keep"]> {
  return scalar<CrlConfig["keep"]>((raw) => {
    if (typeof raw !== "number") {
      const reading = readDuration(raw, "1h");
      if ("value" in reading) return { value: { seconds: reading.value.seconds } };
    } else if (Number.isInteger(raw) && raw >= FEWEST_KEPT && raw <= MOST_KEPT) {
      return { value: { count: raw } };
    }
    const must = `an integer from ${FEWEST_KEPT} to ${MOST_KEPT}, or a duration of at least 1h`;
    return { must, do: "write how many CRLs to keep, such as 20, or how long, such as 90d" };
  });
}

type Times = Draft<"validity" | "every" | "leastInterval" | "delta">;

function timeFaults(crl: Times): Fault[] {
  return [...orderFaults(crl, "every", "validity"), ...orderFaults(crl, "delta", "every")];
}

/** The URLs of a delta and of shards stand on the CRLs themselves, and follow from that of the full one. */
function urlFaults({ url, delta, shards }: Draft<"url" | "delta" | "shards">): Fault[] {
  const needs = (key: "delta" | "shards", what: string): Fault[] => {
    if (url !== undefined && (typeof url !== "string" || namesOtherScopes(url))) return [];
    const remedy = 'add url: "http://HOST/crl/NAME.crl", as certificates have it';
    return url === undefined
      ? [{ path: [key], problem: `asks for ${what}, and crl.url is missing`, do: remedy }]
      : [
          {
            path: ["url"],
            problem: `does not end in .crl, so that ${what} would have no URL`,
            do: `give the full CRL a URL such as http://HOST/crl/NAME.crl, or remove crl.${key}`,
          },
        ];
  };
  if (typeof shards === "number" && shards > 0) return needs("shards", "a CRL for each shard");
  return isDuration(delta) && delta.seconds > 0 ? needs("delta", "delta CRLs") : [];
}

function orderFaults(crl: Times, shorter: keyof Times, longer: keyof Times): Fault[] {
  const [less, more] = [crl[shorter], crl[longer]];
  if (!isDuration(less) || !isDuration(more) || less.seconds < more.seconds) return [];
  const problem = `is ${less.text} but must be less than crl.${longer}, ${more.text}`;
  return [{ path: [shorter], problem, do: `shorten it, or raise crl.${longer}` }];
}
