import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { itAsOtherUser, OTHER_USER } from "../support/other-user.ts";
import { NODE, ROOT } from "../support/vouch-cli.ts";
import { makeBench } from "./bench.ts";

const bench = await makeBench();

async function stats(): Promise<{ code: number | null; message: string; do: string }> {
  const ended = await bench.vouch(["stats"], { json: true });
  expect(ended.json.error.code).toBe("authorityUnreachable");
  return { ...ended.json.error, code: ended.code };
}

it("says that the authority does not run when there is no socket", async () => {
  const { admin } = bench.places;
  renameSync(admin, `${admin}.away`);
  const ended = await stats();
  renameSync(`${admin}.away`, admin);
  expect(ended.code).toBe(4);
  expect(ended.message).toContain("not running");
  expect(ended.do).toContain(`vouch serve --config ${bench.places.config}`);
});

it("says that the authority has stopped when nobody listens", async () => {
  const { admin } = bench.places;
  renameSync(admin, `${admin}.away`);
  writeFileSync(admin, "");
  const ended = await stats();
  renameSync(`${admin}.away`, admin);
  expect(ended.code).toBe(4);
  expect(ended.message).toContain("has stopped");
});

itAsOtherUser("says who may ask when permission is denied", () => {
  chmodSync(bench.places.admin, 0o600);
  if (OTHER_USER.uid === undefined) chmodSync(bench.places.admin, 0o000);
  const { status, stdout } = spawnSync(
    NODE,
    ["src/vouch.js", "stats", "--json", "--config", bench.places.config],
    { cwd: ROOT, encoding: "utf8", ...OTHER_USER },
  );
  chmodSync(bench.places.admin, 0o660);
  expect(status).toBe(4);
  expect(JSON.parse(stdout).error.do).toContain("vouch-admin");
});

itAsOtherUser("a store that may not be looked into is not told to be missing", () => {
  const { config, data } = bench.places;
  mkdirSync(data, { recursive: true });
  chmodSync(data, OTHER_USER.uid === undefined ? 0o000 : 0o700);
  const { status, stdout } = spawnSync(
    NODE,
    ["src/vouch.js", "serve", "--json", "--config", config],
    { cwd: ROOT, encoding: "utf8", ...OTHER_USER },
  );
  chmodSync(data, 0o700);
  expect(status).toBe(2);
  expect(JSON.parse(stdout).error.message).toBe(
    `this user may not look into ${data}, where the store is`,
  );
});

it("says that it is unknown what happened when the connection breaks", async () => {
  bench.authority.answers["GET /stats"] = "cut";
  const ended = await stats();
  expect(ended.code).toBe(4);
  expect(ended.message).toContain("broke before it answered");
});

it("does not take another program for the authority", async () => {
  bench.authority.answers["GET /stats"] = { document: "<html>" };
  const ended = await bench.vouch(["stats"], { json: true });
  expect(ended).toMatchObject({ code: 1, json: { error: { code: "internal" } } });
  const { admin } = bench.places;
  renameSync(admin, `${admin}.away`);
  const other = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")).listen(admin);
  const spoken = await stats();
  other.close();
  renameSync(`${admin}.away`, admin);
  expect(spoken.code).toBe(4);
});
