import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./temp-folder.ts";
import { startTlsServer, type TlsServer } from "./tls-server.ts";
import { apacheBeginning, nginxFolders } from "./web-server-config.ts";

/*
 * Reverse proxies in cleartext, each with one connection to the server behind it that it keeps and uses for
 * whatever client comes next.
 */

export function startNginxBefore(backend: number): Promise<TlsServer> {
  const folder = tempFolder();
  const config = join(folder, "nginx.conf");
  return startTlsServer("nginx", (port) => {
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${join(folder, "pid")}; error_log stderr error;
events {}
http { access_log off; ${nginxFolders(folder)}
  upstream vouch { server 127.0.0.1:${backend}; keepalive 1; }
  ignore_invalid_headers off;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://vouch;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`,
    );
    return ["-e", "stderr", "-c", config];
  });
}

export function startHaproxyBefore(backend: number): Promise<TlsServer> {
  const config = join(tempFolder(), "haproxy.cfg");
  return startTlsServer("haproxy", (port) => {
    writeFileSync(
      config,
      `defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
  http-reuse always
frontend front
  bind 127.0.0.1:${port}
  option accept-invalid-http-request
  default_backend vouch
backend vouch
  option accept-invalid-http-response
  server vouch 127.0.0.1:${backend} maxconn 1
`,
    );
    return ["-db", "-f", config];
  });
}

export function startApacheBefore(backend: number): Promise<TlsServer> {
  const folder = tempFolder();
  const config = join(folder, "apache.conf");
  const modules = ["mpm_event", "authz_core", "proxy", "proxy_http"];
  return startTlsServer("apache2", (port) => {
    writeFileSync(
      config,
      `${apacheBeginning(folder, port, modules)}
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
AllowEncodedSlashes NoDecode
HttpProtocolOptions Unsafe
ProxyPass / http://127.0.0.1:${backend}/ max=1 nocanon
`,
    );
    return ["-D", "FOREGROUND", "-f", config];
  });
}
