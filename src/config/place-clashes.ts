import { isIPv4 } from "node:net";
import type { ListenAddress } from "./config.ts";
import { type Fault, type FaultPath, pathText } from "./fault.ts";
import type { Draft } from "./group.ts";

type TopKeys = Draft<"admin" | "liveSign" | "ops" | "public" | "issuers">;
type Placed = { readonly path: FaultPath; readonly value: unknown };

/** What two listeners claim, and a TLS key that signs besides. Sees drafts. */
export function placeFaults(config: TopKeys): Fault[] {
  return [...socketFaults(config), ...addressFaults(config), ...tlsKeyFaults(config)];
}

/** Who may speak to the one socket may revoke, and responders speak to the other. */
function socketFaults({ admin, liveSign }: TopKeys): Fault[] {
  if (typeof admin !== "string" || admin !== liveSign) return [];
  const problem = `is ${admin}, as admin is already`;
  return [{ path: ["liveSign"], problem, do: "give each socket a path of its own" }];
}

function addressFaults(config: TopKeys): Fault[] {
  const all = [["public", "http"], ["public", "https", "listen"], ["ops"]].map((path) =>
    placed(config, path),
  );
  return all.flatMap(({ path, value }, index) => {
    const earlier = all.slice(0, index).find((other) => overlap(other.value, value));
    if (!earlier) return [];
    const problem = `is an address that ${pathText(earlier.path)} has already`;
    return [{ path, problem, do: "name another port" }];
  });
}

/** Port 0 is any that is free. */
function overlap(one: unknown, other: unknown): boolean {
  if (!isAddress(one) || !isAddress(other) || one.port !== other.port || one.port === 0) {
    return false;
  }
  return one.host === other.host || covers(one, other) || covers(other, one);
}

function isAddress(value: unknown): value is ListenAddress {
  return typeof value === "object" && value !== null && "host" in value && "port" in value;
}

/** `::` listens on IPv4, too. */
function covers({ host }: ListenAddress, other: ListenAddress): boolean {
  return host === "::" || (host === "0.0.0.0" && isIPv4(other.host));
}

/** Responders read the key of TLS, and none that signs may be in a process that strangers speak to. */
function tlsKeyFaults(config: TopKeys): Fault[] {
  const key = placed(config, ["public", "https", "key"]);
  const user = signingKeys(config).find(({ value }) => value === key.value);
  if (typeof key.value !== "string" || !user) return [];
  const problem = `is the key of ${pathText(user.path)}, and responders must have none that signs`;
  return [{ path: key.path, problem, do: "make a key for TLS alone, and have it certified" }];
}

function signingKeys(config: TopKeys): Placed[] {
  return items(placed(config, ["issuers"])).flatMap(({ path, value }) => [
    ...items(placed(value, ["ocsp", "signers"], path)).map((signer) => keyOf(signer)),
    keyOf(placed(value, ["crl", "signer"], path)),
  ]);
}

function keyOf({ path, value }: Placed): Placed {
  return { path, value: placed(value, ["key"]).value };
}

function items({ path, value }: Placed): Placed[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown, index) => ({ path: [...path, index], value: item }));
}

/** What stands at these steps below a draft that stands at `parent`. */
function placed(draft: unknown, steps: readonly string[], parent: FaultPath = []): Placed {
  let value = draft;
  for (const step of steps) {
    const isHolder = typeof value === "object" && value !== null;
    value = isHolder ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
  }
  return { path: [...parent, ...steps], value };
}
