import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { listenAddress, network } from "./address.ts";
import type { Config } from "./config.ts";
import { group, ruled } from "./group.ts";
import { issuersSchema } from "./issuer-schema.ts";
import { placeFaults } from "./place-clashes.ts";
import { count, fileName, readFileName, scalar } from "./scalar.ts";

// sockaddr_un has 108 octets for a path and its closing zero (unix(7)).
const LONGEST_SOCKET_PATH = 107;

/** The whole file: unknown keys refused, defaults filled in, names of files absolute. */
export function configSchema(file: string): z.ZodType<Config> {
  const absolute = resolve(file);
  const folder = dirname(absolute);
  const cores = availableParallelism();
  const keys = group({
    data: fileName(folder, "../var").prefault("../var"),
    public: publicSchema(folder).prefault({}),
    ops: listenAddress("127.0.0.1:9464").prefault("127.0.0.1:9464"),
    admin: socketName(folder).prefault("../var/admin.sock"),
    liveSign: socketName(folder).prefault("../var/live-sign.sock"),
    responders: count(() => cores).default(1),
    signingThreads: count(() => cores).prefault("auto"),
    issuers: issuersSchema(folder),
  });
  return ruled(keys, placeFaults).transform((given) => ({ file: absolute, ...given }));
}

function publicSchema(folder: string): z.ZodType<Config["public"]> {
  const https = group({
    listen: listenAddress("0.0.0.0:8443"),
    certificate: fileName(folder, "tls/server.pem"),
    key: fileName(folder, "tls/server.key"),
  });
  return group({
    http: listenAddress("0.0.0.0:8080").prefault("0.0.0.0:8080"),
    https: https.optional(),
    trustedProxies: z.array(network()).default([]),
  }).transform((keys) => ({ ...keys, https: keys.https }));
}

function socketName(folder: string): z.ZodType<string> {
  return scalar((raw) => {
    const reading = readFileName(folder, "/run/vouch/admin.sock", raw);
    const octets = "value" in reading ? Buffer.byteLength(reading.value) : 0;
    if (octets <= LONGEST_SOCKET_PATH) return reading;
    const must = `at most ${LONGEST_SOCKET_PATH} octets long as an absolute path, and is ${octets}`;
    return { must, do: "name a shorter place for this socket, such as /run/vouch/NAME.sock" };
  });
}
