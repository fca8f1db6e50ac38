import { describe, expect, it } from "vitest";
import { restartOnlyChanges } from "../../src/config/reload.ts";
import { accepted, oneIssuer } from "./config-file.ts";

const base = `data: /d
admin: /a.sock
liveSign: /l.sock
public: { http: 0.0.0.0:80 }
ops: 127.0.0.1:81
responders: 1
signingThreads: 1
${oneIssuer()}`;

async function changes(next: string): Promise<string[]> {
  const running = (await accepted(base)).config;
  const { config } = await accepted(next);
  return restartOnlyChanges(running, config).map(({ where }) => where.replace(config.file, "FILE"));
}

describe("restartOnlyChanges", () => {
  it.each([
    ["data", "/d", "/e"],
    ["admin", "/a.sock", "/b.sock"],
    ["liveSign", "/l.sock", "/m.sock"],
    ["public", "0.0.0.0:80", "0.0.0.0:82"],
    ["ops", "127.0.0.1:81", "127.0.0.1:83"],
    ["responders", "responders: 1", "responders: 2"],
  ])("names %s", async (key, from, to) => {
    expect(await changes(base.replace(from, to))).toStrictEqual([`FILE ${key}`]);
  });

  it("names all at once", async () => {
    expect(await changes(oneIssuer("responders: 3\n"))).toStrictEqual(
      ["data", "admin", "liveSign", "public", "ops", "responders"].map((key) => `FILE ${key}`),
    );
  });

  it("lets issuers and signing threads change", async () => {
    const next = base.replaceAll("gov-1", "gov-2").replace("Threads: 1", "Threads: 2");
    expect(await changes(next)).toStrictEqual([]);
  });

  it("says what to do", async () => {
    const [running, next] = [await accepted(base), await accepted(base.replace("/d", "/e"))];
    expect(restartOnlyChanges(running.config, next.config)).toStrictEqual([
      {
        where: `${next.file} data`,
        problem: "differs from what is running, and changes by restart only",
        do: "restart Vouch to apply the file, or set this key back and reload",
      },
    ]);
  });
});
