import { type AddressInfo, BoundSocket, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { listenTarget } from "../../src/responder/listen.ts";

const ADDRESS = { host: "127.0.0.1", port: 0 };

/** What systemd puts into the environment (sd_listen_fds(3)). */
function systemd(fds: number, names?: string): NodeJS.ProcessEnv {
  const more = names === undefined ? {} : { LISTEN_FDNAMES: names };
  return { LISTEN_PID: String(process.pid), LISTEN_FDS: String(fds), ...more };
}

describe("sockets of the supervisor", () => {
  it("come in the order http, https", () => {
    const env = { VOUCH_PUBLIC_SOCKETS: "4,5" };
    expect(listenTarget("http", ADDRESS, env)).toEqual({ fd: 4 });
    expect(listenTarget("https", ADDRESS, env)).toEqual({ fd: 5 });
  });
});

describe("sockets of systemd", () => {
  it("come in the order http, https", () => {
    expect(listenTarget("http", ADDRESS, systemd(2))).toEqual({ fd: 3 });
    expect(listenTarget("https", ADDRESS, systemd(2))).toEqual({ fd: 4 });
  });

  it("may have names instead", () => {
    expect(listenTarget("http", ADDRESS, systemd(2, "https:http"))).toEqual({ fd: 4 });
    expect(listenTarget("https", ADDRESS, systemd(2, "https:http"))).toEqual({ fd: 3 });
  });

  it("of another name, as of one unit, come in their order", () => {
    const env = systemd(2, "vouch-responder.socket:vouch-responder.socket");
    expect(listenTarget("https", ADDRESS, env)).toEqual({ fd: 4 });
  });

  it("that lack one say which, and where it belongs", () => {
    const ask = (): unknown => listenTarget("https", ADDRESS, systemd(1));
    expect(ask).toThrow("public.https is configured, and systemd has passed no socket for it");
  });

  it("that are for another process are not ours", () => {
    const target = listenTarget("http", ADDRESS, { LISTEN_PID: "1", LISTEN_FDS: "1" });
    expect(target).toHaveProperty("handle");
    if ("handle" in target) target.handle.close();
  });
});

describe("without either", () => {
  it("the address is bound, or the error says whose it is", () => {
    const taken = new BoundSocket(ADDRESS);
    const { port } = taken.address() as AddressInfo;
    const server = createServer().listen({ handle: taken });
    const ask = (): unknown => listenTarget("https", { host: "127.0.0.1", port }, {});
    expect(ask).toThrow(`public.https: 127.0.0.1:${port} is in use`);
    server.close();
  });
});
