import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { atExit } from "./at-exit.ts";
import { freePort } from "./free-port.ts";
import { run } from "./run-program.ts";
import { until } from "./until.ts";

/** A TLS server of another project that runs on a port of 127.0.0.1. */
export interface TlsServer {
  readonly port: number;
  /** What it wrote so far, both streams. */
  output(): string;
  stop(): Promise<void>;
}

const running = new Set<number>();
atExit(() => {
  for (const pid of running) killGroup(pid);
});

/** Starts a server that stays in the foreground, and waits until its port is open. */
export async function startTlsServer(
  program: string,
  argsFor: (port: number) => readonly string[],
): Promise<TlsServer> {
  const port = await freePort();
  const child = spawn(program, argsFor(port), {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid = 0 } = child;
  running.add(pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    // Not SIGTERM: nginx without a master misses one that comes just before it waits for events.
    killGroup(pid);
    await ended;
    running.delete(pid);
  };
  await until(() => isOpen(port), { what: `${program} to listen` }).catch(async (error) => {
    await stop();
    throw new Error(`${String(error)}\n${output}`);
  });
  return { port, output: () => output, stop };
}

/** What `openssl s_client` prints of a handshake that asks for a stapled answer (RFC 6066 8). */
export async function stapled(port: number, caCertificate: string): Promise<string> {
  const to = ["-connect", `127.0.0.1:${port}`, "-servername", "localhost"];
  const { stdout, stderr } = await run("openssl", [
    ...["s_client", "-status", "-CAfile", caCertificate, "-verify_return_error", ...to],
  ]);
  return `${stdout}${stderr}`;
}

/** The HTTP status that curl sees with a client certificate; 0 when TLS itself failed. */
export async function httpStatusFor(
  port: number,
  caCertificate: string,
  client: { readonly certificate: string; readonly key: string },
): Promise<number> {
  const tls = ["--cacert", caCertificate, "--cert", client.certificate, "--key", client.key];
  const out = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  const { stdout } = await run("curl", [...out, ...tls, `https://localhost:${port}/`]);
  return Number(stdout);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.destroy();
  return true;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
