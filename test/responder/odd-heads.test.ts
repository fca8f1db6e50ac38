import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bareHandler,
  type Listening,
  startGeneralLane,
  startTimelessServer,
} from "./lane-servers.ts";
import { ODD_HEADS } from "./odd-heads.ts";
import { exchange, LAST, octets, statuses } from "./raw-exchange.ts";

/* Heads that two readers may understand in two ways: both lanes read them in one. */

let bare: ReturnType<typeof bareHandler>;
const servers: Record<string, Listening> = {};

beforeAll(async () => {
  bare = bareHandler();
  servers["fast"] = await startTimelessServer(bare.handler);
  servers["general"] = await startGeneralLane(bare.handler);
});

afterAll(async () => {
  for (const server of Object.values(servers)) await server.close();
  await bare?.close();
});

/** What is sent, and what is asked behind it, which is 404 where the connection is still open. */
async function outcome(lane: string, pieces: readonly Buffer[]): Promise<unknown> {
  const { port } = servers[lane] as Listening;
  const { received, closed } = await exchange(port, pieces);
  const all = statuses(received);
  const isOpen = all.at(-1) === 404 && received.includes("Connection: close\r\n\r\nnot found");
  const own = isOpen ? all.slice(0, -1) : all;
  return { statuses: own, after: isOpen ? "open" : "closed", closed };
}

describe.each(ODD_HEADS)("%s", (_, heads) => {
  it.each(heads)("%s", async (_name, request, expected, after) => {
    const whole = octets(request + LAST);
    for (const lane of ["fast", "general"]) {
      for (const pieces of [[whole], Array.from(whole.subarray(0, 2_000), (o) => Buffer.of(o))]) {
        if (pieces.length === 2_000) pieces.push(whole.subarray(2_000));
        const got = await outcome(lane, pieces);
        expect.soft({ lane, pieces: pieces.length, got }).toEqual({
          lane,
          pieces: pieces.length,
          got: { statuses: expected, after, closed: true },
        });
      }
    }
  });
});
