import { once } from "node:events";
import { request } from "node:http";
import { afterEach, expect, it, vi } from "vitest";
import { type Route, startAdminServer } from "../../src/authority/admin-server.ts";
import { createLogger } from "../../src/observe/logger.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();

afterEach(() => {
  vi.useRealTimers();
  removeFolder(folder);
});

it("shows that it lives for as long as an answer takes", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const finish = Promise.withResolvers<object>();
  const asked = Promise.withResolvers<void>();
  const slow: Route = {
    method: "GET",
    pattern: new URLPattern({ pathname: "/slow" }),
    takes: "json",
    answer: () => {
      asked.resolve();
      return finish.promise;
    },
  };
  const path = `${folder}/admin.sock`;
  const server = await startAdminServer(path, [slow], createLogger("authority"));
  const client = request({ socketPath: path, path: "/slow" }).end();
  await asked.promise;
  for (let sign = 0; sign < 3; sign++) {
    const information = once(client, "information");
    vi.advanceTimersByTime(5_000);
    expect(await information).toMatchObject([{ statusCode: 102 }]);
  }
  finish.resolve({});
  const [response] = await once(client, "response");
  expect(response.statusCode).toBe(200);
  expect(vi.getTimerCount()).toBe(0);
  response.resume();
  server.close();
});
