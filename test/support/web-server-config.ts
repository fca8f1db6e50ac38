import { join } from "node:path";

/** Where nginx keeps what it has to put aside, as directives. */
export function nginxFolders(folder: string): string {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(" ");
}

/** How each configuration of Apache httpd begins that listens at one port and keeps its files in one folder. */
export function apacheBeginning(folder: string, port: number, modules: readonly string[]): string {
  const loaded = modules.map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  );
  return `${loaded.join("\n")}
ServerRoot ${folder}
ServerName localhost
PidFile ${join(folder, "pid")}
DefaultRuntimeDir ${folder}
Mutex pthread default
ErrorLog "|/bin/cat"
Listen 127.0.0.1:${port}`;
}
