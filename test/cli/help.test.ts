import { describe, expect, it } from "vitest";
import { vouch } from "../support/vouch-cli.ts";

const COMMANDS = [
  ...["init", "check", "serve", "authority", "responder", "import", "revoke", "hold"],
  ...["reconcile", "release", "status", "history", "clock", "clock accept"],
  ...["crl", "crl issue", "crl list", "crl diff", "crl explain", "crl verify"],
  ...["signer", "signer list", "signer csr", "signer rehearse", "signer withdraw"],
  ...["stats", "query", "explain", "reload", "start"],
];

describe("help", () => {
  it("of vouch lists every command but start", async () => {
    const { code, stdout, stderr } = await vouch(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of COMMANDS.filter((name) => !name.includes(" ") && name !== "start")) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    }
    expect(stdout).not.toMatch(/^ {2}start /m);
    expect(stdout).toContain("\nExamples:\n  vouch ");
    expect(stdout).toContain("Exit codes: 0 done, 1 refused or failed");
  });

  for (const command of COMMANDS) {
    it(`of ${command} has options, examples and no colours`, async () => {
      const { code, stdout, stderr } = await vouch([...command.split(" "), "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/\nExamples:\n {2}(vouch|npm) /);
      expect(stdout).toContain("--config <file>");
      expect(stdout).toContain("--json");
      expect(stdout).not.toContain("\u001b");
    });
  }

  it("--version is the package's", async () => {
    expect(await vouch(["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
  });
});

describe("wrong usage exits 2", () => {
  const wrong: [string, string[], RegExp][] = [
    ["no command", [], /vouch needs a command/],
    ["half a command", ["crl"], /vouch crl needs a command/],
    ["an unknown command", ["statu"], /Did you mean.*status/s],
    ["an unknown option", ["stats", "--all"], /unknown option '--all'/],
    ["a missing argument", ["crl", "issue"], /missing required argument 'issuer'/],
    ["an argument too many", ["crl", "list", "a", "b"], /too many arguments/],
    ["a missing value", ["revoke", "gov-1", "1", "--reason"], /argument missing/],
    ["init of nothing", ["init"], /init makes a folder or a store/],
    [
      "init of a folder and a file",
      ["init", "x", "--config", "y"],
      /init makes a folder or a store/,
    ],
  ];
  for (const [name, args, says] of wrong) {
    it(name, async () => {
      const text = await vouch(args);
      expect(text).toMatchObject({ code: 2, stdout: "" });
      expect(text.stderr).toMatch(says);
      const json = await vouch(
        args.at(-1) === "--reason" ? ["--json", ...args] : [...args, "--json"],
      );
      expect(json.code).toBe(2);
      const { error } = JSON.parse(json.stdout);
      expect(error.code).toBe("usage");
      expect(error.message).toMatch(says);
      expect(error.do).not.toBe("");
    });
  }
});
