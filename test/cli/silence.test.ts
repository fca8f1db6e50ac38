import { createServer, type RequestListener } from "node:http";
import { afterAll, afterEach, expect, it } from "vitest";
import { withAuthority } from "../../src/cli/admin-client.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

/* An authority that is stopped takes connections and says nothing: its kernel does. */

const SILENCE_MS = 2_000;

const folder = tempFolder();
const config = { admin: `${folder}/admin.sock`, file: `${folder}/vouch.yaml` };
let close = (): void => undefined;

afterEach(() => close());
afterAll(() => removeFolder(folder));

async function askOf(answer: RequestListener): Promise<unknown> {
  const server = createServer(answer).listen(config.admin);
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return withAuthority(config, (authority) => authority.get("/stats"), SILENCE_MS);
}

it("is given up, with what to do", async () => {
  await expect(askOf(() => undefined)).rejects.toMatchObject({
    code: "authorityUnreachable",
    message: expect.stringContaining("no sign of life"),
    do: expect.stringContaining('"vouch status"'),
  });
});

it("is none while the authority says that it is at work, however long that takes", async () => {
  const answer = askOf((_request, response) => {
    let signs = 0;
    const timer = setInterval(() => {
      if (++signs < 40) response.writeProcessing();
      else response.end("{}");
      if (signs === 40) clearInterval(timer);
    }, SILENCE_MS / 20);
  });
  expect(await answer).toEqual({});
});
