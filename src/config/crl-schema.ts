import type { z } from "zod";
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
  return ruled(keys, timeFaults).transform((crl) => ({
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

function orderFaults(crl: Times, shorter: keyof Times, longer: keyof Times): Fault[] {
  const [less, more] = [crl[shorter], crl[longer]];
  if (!isDuration(less) || !isDuration(more) || less.seconds < more.seconds) return [];
  const problem = `is ${less.text} but must be less than crl.${longer}, ${more.text}`;
  return [{ path: [shorter], problem, do: `shorten it, or raise crl.${longer}` }];
}
