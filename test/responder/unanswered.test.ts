import { expect, it } from "vitest";
import { MOST_UNANSWERED } from "../../src/responder/limits.ts";
import { until } from "../support/until.ts";
import { serveCaptured } from "./captured-handler.ts";
import { connected, exchange, get, LAST, octets, statuses } from "./raw-exchange.ts";

/* Requests that node:http reads, and that wait behind a file which their client does not take. */

const { port, publishCRL } = await serveCaptured();
await publishCRL(Buffer.alloc(20_000_000, "c"));
const asking = get("/crl/ca.crl");

it("are not kept without end: the connection that brings too many ends, and others are answered", async () => {
  const socket = await connected(port);
  let isOver = false;
  socket
    .on("error", () => undefined)
    .on("close", () => {
      isOver = true;
    });
  socket.pause();
  socket.write(octets(asking.repeat(MOST_UNANSWERED + 2_000)));
  await until(
    () => {
      // Only what is read, or written, tells that the other side is gone.
      socket.write(octets(asking));
      return isOver;
    },
    { what: "the end of the connection" },
  );
  const again = await exchange(port, [octets(asking + LAST)]);
  expect(statuses(again.received)).toEqual([200, 404]);
});
