import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startSigningPool } from "../../src/signing/pool.ts";

const WORKER = fileURLToPath(new URL("../../workers/sign.ts", import.meta.url));

describe("the signing pool", () => {
  it("cannot have its worker `require`d: ended in the middle of that, a thread would abort the process", () => {
    const load = (): unknown => createRequire(import.meta.url)(WORKER);
    expect(load).toThrow(expect.objectContaining({ code: "ERR_REQUIRE_ASYNC_MODULE" }));
  });

  it("closes while its threads are still starting", async () => {
    for (let time = 0; time < 5; time++) await startSigningPool(2).close();
  });

  it("gives up what is under way when it closes", async () => {
    const pool = startSigningPool(1);
    const job = pool.probe({ keyFile: "/nowhere", certificate: Buffer.alloc(0) });
    const outcome = expect(job).rejects.toThrow();
    await pool.close();
    await outcome;
  });
});
