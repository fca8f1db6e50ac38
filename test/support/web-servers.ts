import { once } from "node:events";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { PointingLeaf } from "./leaf-with-pointers.ts";
import { mustRun } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";
import { until } from "./until.ts";
import { apacheBeginning, nginxFolders } from "./web-server-config.ts";

/** A web server to start. */
interface WebServerPlan {
  readonly leaf: PointingLeaf;
  readonly caCertificate: string;
  /** Staples its own answer, or asks for one about each client's certificate, or looks for that in a CRL. */
  readonly use: "staple" | "client-certificates" | "client-crl";
  /** In PEM. */
  readonly crl?: string;
}

/** nginx, with `ssl_stapling` or `ssl_ocsp`, which ask by GET over HTTP/1.0, or `ssl_crl`. */
export function startNginx({ leaf, caCertificate, use, crl }: WebServerPlan): Promise<TlsServer> {
  const folder = openFolder();
  const config = join(folder, "nginx.conf");
  const clients = `ssl_verify_client on; ssl_client_certificate ${caCertificate};`;
  const rules = {
    staple: "ssl_stapling on; ssl_stapling_verify on;",
    "client-certificates": `${clients} ssl_ocsp leaf;`,
    "client-crl": `${clients} ssl_crl ${crl};`,
  }[use];
  return startTlsServer("nginx", (port) => {
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${join(folder, "pid")}; error_log stderr info;
events {}
http { access_log off; ${nginxFolders(folder)}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${leaf.chain}; ssl_certificate_key ${leaf.key};
    ssl_trusted_certificate ${caCertificate};
    ${rules}
    location / { return 204; }
  }
}
`,
    );
    return ["-e", "stderr", "-c", config];
  });
}

/**
 * Apache httpd, with `SSLUseStapling` or `SSLOCSPEnable`, which ask by POST over HTTP/1.0, or `SSLCARevocationFile`.
 * For OCSP about clients it wants a CA that signs its answers itself named as responder: it looks for
 * signers in answers and there, not among the CAs.
 */
export function startApache({ leaf, caCertificate, use, crl }: WebServerPlan): Promise<TlsServer> {
  const folder = openFolder();
  const config = join(folder, "apache.conf");
  const clients = `SSLVerifyClient require\nSSLCACertificateFile ${caCertificate}`;
  const rules = {
    staple: "SSLUseStapling on",
    "client-certificates": `${clients}
SSLOCSPEnable leaf
SSLOCSPResponderCertificateFile ${caCertificate}`,
    "client-crl": `${clients}\nSSLCARevocationFile ${crl}\nSSLCARevocationCheck chain`,
  }[use];
  const modules = ["mpm_event", "authz_core", "ssl", "socache_shmcb", "alias"];
  return startTlsServer("apache2", (port) => {
    writeFileSync(
      config,
      `${apacheBeginning(folder, port, modules)}
LogLevel ssl:info
SSLStaplingCache shmcb:${join(folder, "staples")}(128000)
SSLEngine on
SSLCertificateFile ${leaf.chain}
SSLCertificateKeyFile ${leaf.key}
${rules}
Redirect 204 /
`,
    );
    return ["-D", "FOREGROUND", "-f", config];
  });
}

/** HAProxy with its admin socket. */
interface Haproxy extends TlsServer {
  readonly admin: string;
}

/** HAProxy, which staples what its administrator gives it on the admin socket, or looks for clients in a CRL. */
export async function startHaproxy({
  leaf,
  caCertificate,
  crl,
}: Omit<WebServerPlan, "use">): Promise<Haproxy> {
  const folder = openFolder();
  const at = (name: string): string => join(folder, name);
  mustRun("sh", ["-c", `cat ${leaf.certificate} ${leaf.key} > ${at("site.pem")}`]);
  copyFileSync(caCertificate, at("site.pem.issuer"));
  // An empty file: there is a staple to come.
  writeFileSync(at("site.pem.ocsp"), "");
  const clients =
    crl === undefined ? "" : `ca-file ${caCertificate} verify required crl-file ${crl}`;
  const server = await startTlsServer("haproxy", (port) => {
    writeFileSync(
      at("haproxy.cfg"),
      `global
  stats socket ${at("admin")} level admin
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend tls
  bind 127.0.0.1:${port} ssl crt ${at("site.pem")} ${clients}
  http-request return status 204
`,
    );
    return ["-db", "-f", at("haproxy.cfg")];
  });
  // It has its name a moment before it listens.
  await until(() => answers(at("admin")), { what: "HAProxy's admin socket" });
  return { ...server, admin: at("admin") };
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  await once(socket, "connect");
  socket.destroy();
  return true;
}

/** Gives HAProxy an answer to staple, and what it says to that. */
export async function giveStaple({ admin }: Haproxy, answer: Buffer): Promise<string> {
  const socket = connect(admin);
  socket.end(`set ssl ocsp-response ${answer.toString("base64")}\n`);
  return (await buffer(socket)).toString();
}

/**
 * stunnel before a plain HTTP server; it asks about each client's certificate, by POST over HTTP/1.0, or looks for it
 * in a CRL.
 */
export function startStunnel({
  leaf,
  caCertificate,
  backend,
  crl,
  nonce = "no",
}: Omit<WebServerPlan, "use"> & {
  readonly backend: number;
  readonly nonce?: "yes" | "no";
}): Promise<TlsServer> {
  const revocation = crl === undefined ? `OCSPaia = yes\nOCSPnonce = ${nonce}` : `CRLfile = ${crl}`;
  const config = join(openFolder(), "stunnel.conf");
  return startTlsServer("stunnel4", (port) => {
    writeFileSync(
      config,
      `foreground = yes
pid =
debug = info
[tls]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${backend}
cert = ${leaf.chain}
key = ${leaf.key}
CAfile = ${caCertificate}
verifyChain = yes
requireCert = yes
${revocation}
`,
    );
    return [config];
  });
}

/** A folder that a server may enter which gives its privileges away. */
function openFolder(): string {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  return folder;
}
