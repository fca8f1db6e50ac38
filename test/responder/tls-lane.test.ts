import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TlsFiles } from "../../src/responder/tls-files.ts";
import { TlsLane } from "../../src/responder/tls-lane.ts";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { makeTlsFiles, replaceTlsFiles, type TlsFilePair } from "../support/tls-files.ts";
import { until } from "../support/until.ts";
import {
  bareHandler,
  expectBeforeFarewell,
  type ListeningTls,
  silentLogger,
  startTlsServer,
} from "./lane-servers.ts";
import { proxied } from "./proxy-octets.ts";
import { gather, get, LAST, post, settle, statuses } from "./raw-exchange.ts";

let bare: ReturnType<typeof bareHandler>;
let pair: TlsFilePair;
let server: ListeningTls;

beforeAll(async () => {
  bare = bareHandler();
  pair = makeTlsFiles("first");
  server = await startTlsServer(bare.handler, pair);
});

afterAll(async () => {
  await server?.close();
  await bare?.close();
});

/** A TLS connection that offers these protocols; whose certificate it is does not matter here. */
async function secured(
  protocols: readonly string[],
  socket?: ReturnType<typeof connectTcp>,
): Promise<TLSSocket> {
  const where = socket ? { socket } : { port: server.port, host: "127.0.0.1" };
  const secure = connect({ ...where, rejectUnauthorized: false, ALPNProtocols: [...protocols] });
  await once(secure, "secureConnect");
  return secure;
}

function nameOn(secure: TLSSocket): string {
  return String(secure.getPeerCertificate().subject.CN);
}

async function http2Status(): Promise<{ status: number; alpn: string | undefined }> {
  const session = connectHttp2(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
  const stream = session.request({ ":path": "/" });
  const [headers] = await once(stream, "response");
  stream.resume();
  await once(stream, "close");
  const alpn = session.alpnProtocol;
  session.close();
  return { status: headers[":status"], alpn };
}

describe("over TLS", () => {
  it.each([[["http/1.1"]], [[]]])("HTTP/1.1 is spoken to whoever offers %j", async (protocols) => {
    const secure = await secured(protocols);
    const gathered = gather(secure);
    secure.write(get("/") + post(["Transfer-Encoding: chunked"], "0\r\n\r\n") + LAST);
    await once(secure, "close");
    expect(statuses(gathered().received)).toEqual([200, 200, 404]);
  });

  it("HTTP/2 is spoken to whoever offers it", async () => {
    expect(await http2Status()).toEqual({ status: 200, alpn: "h2" });
  });

  it("whoever offers something else gets no connection (RFC 7301 3.2)", async () => {
    await expect(secured(["spdy/3"])).rejects.toMatchObject({
      code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    });
  });

  it("what is no TLS is let go, and so is a handshake that is given up", async () => {
    for (const octets of [get("/"), "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"]) {
      const socket = connectTcp({ port: server.port, host: "127.0.0.1" });
      await once(socket, "connect");
      socket.end(octets, "latin1");
      socket.resume();
      await once(socket, "close");
    }
    expect((await http2Status()).status).toBe(200);
  });

  needs("curl", "apt install curl")("curl negotiates HTTP/2, and TLS 1.2 is enough", async () => {
    for (const version of ["--http1.1", "--http2"]) {
      const args = ["-sk", version, "--tls-max", "1.2", "-w", "%{http_version}", "-o", "/dev/null"];
      const { stdout } = await run("curl", [...args, `https://127.0.0.1:${server.port}/`]);
      expect(stdout).toBe(version === "--http2" ? "2" : "1.1");
    }
  });

  it("a PROXY header of a trusted peer comes before the handshake", async () => {
    const trusting = await startTlsServer(bare.handler, pair, ["127.0.0.1"]);
    for (const cut of [3, 28]) {
      const socket = connectTcp({ port: trusting.port, host: "127.0.0.1" });
      await once(socket, "connect");
      const header = proxied("198.51.100.1");
      socket.write(header.subarray(0, cut));
      await settle();
      socket.write(header.subarray(cut));
      const secure = await secured(["http/1.1"], socket);
      const gathered = gather(secure);
      secure.write(LAST);
      await once(secure, "close");
      expect(statuses(gathered().received)).toEqual([404]);
    }
    await trusting.close();
  });
});

describe("a certificate that is replaced", () => {
  it("is shown to new connections, and those that are open go on", async () => {
    const before = await secured(["http/1.1"]);
    const gathered = gather(before);
    expect(nameOn(before)).toBe("first");
    replaceTlsFiles(pair, "second");
    server.tls.refresh();
    const after = await secured(["http/1.1"]);
    expect(nameOn(after)).toBe("second");
    after.destroy();
    before.write(LAST);
    await once(before, "close");
    expect(statuses(gathered().received)).toEqual([404]);
  });

  it.each(["certificate", "key"] as const)(
    "by rubbish in the %s is not taken, and mended is",
    async (file) => {
      const good = readFileSync(pair[file]);
      writeFileSync(pair[file], "rubbish");
      server.tls.refresh();
      expect((await http2Status()).status).toBe(200);
      writeFileSync(pair[file], good);
      server.tls.refresh();
      expect((await http2Status()).status).toBe(200);
    },
  );

  it("in one file only is not taken", async () => {
    const secure = await secured([]);
    const name = nameOn(secure);
    secure.destroy();
    const key = readFileSync(pair.key);
    writeFileSync(pair.key, readFileSync(makeTlsFiles("another").key));
    server.tls.refresh();
    expect(nameOn(await secured([]))).toBe(name);
    writeFileSync(pair.key, key);
  });

  it.each([
    ["a certificate that is not there", () => ({ ...pair, certificate: "/nowhere.pem" })],
    ["another's key", () => ({ ...pair, key: makeTlsFiles("another").key })],
  ])("at start, %s is an error that says what to do", (_, files) => {
    const listen = { host: "127.0.0.1", port: 0 };
    const make = (): TlsLane => new TlsLane(new TlsFiles({ listen, ...files() }, silentLogger()));
    expect(make).toThrow(/^public\.https: .*cannot be used: /);
  });
});

describe("a server that stops", () => {
  it("answers each connection's next request as its last", async () => {
    const stopping = await startTlsServer(bare.handler, pair);
    const secure = connect({ port: stopping.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(secure, "secureConnect");
    const gathered = gather(secure);
    secure.write(get("/"));
    await until(() => gathered().received.includes("\n"), { what: "an answer" });
    const stopped = stopping.close();
    await settle();
    secure.write(get("/"));
    await once(secure, "close");
    expect(statuses(gathered().received)).toEqual([200, 200]);
    expect(gathered().received.split("HTTP/1.1 ").at(-1)).toContain("Connection: close");
    await expectBeforeFarewell(stopped);
  });

  it("lets a stream that is open end, over HTTP/2", async () => {
    const stopping = await startTlsServer(bare.handler, pair);
    const session = connectHttp2(`https://127.0.0.1:${stopping.port}`, {
      rejectUnauthorized: false,
    });
    const stream = session.request({ ":method": "POST", ":path": "/" });
    await once(session, "remoteSettings");
    stream.write("a");
    await settle();
    const stopped = stopping.close();
    await settle();
    stream.end("b");
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(200);
    stream.resume();
    await Promise.all([once(session, "close"), stopped]);
  });
});
