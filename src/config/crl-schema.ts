import type { z } from "zod";
import { namesOtherScopes } from "../crl/scope.ts";
import type { CrlConfig } from "./config.ts";
import { defaultDuration, duration, isDuration } from "./duration.ts";
import type { Fault } from "./fault.ts";
import { type Draft, group, ruled } from "./group.ts";
import { signerSchema } from "./ocsp-schema.ts";
import { flag, integer } from "./scalar.ts";
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
    url: crl.url,
    paths: crl.paths,
  }));
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
