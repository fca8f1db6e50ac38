import { afterAll, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { openCapturedHandler } from "./captured-handler.ts";
import { startPublicServer } from "./lane-servers.ts";
import { connected, gather, get, octets, post, statuses } from "./raw-exchange.ts";

/*
 * What cannot be read comes behind requests that wait for their turn: files, bodies that are still to come, and
 * clients that are to be told to go on. They are answered first.
 */

const captured = await openCapturedHandler();
const server = await startPublicServer(captured.handler);
afterAll(() => server.close().finally(captured.close));

const CHUNKED = "Transfer-Encoding: chunked";
const POSTED = post([CHUNKED], "1\r\nx\r\n0\r\n\r\n");
const BAD_HEAD = "GET / HTTP/1.1\r\n?\r\n\r\n";

/** All statuses, where the second part is sent once so many answers to the first have come. */
async function statusesOf(first: string, answers: number, second: string): Promise<number[]> {
  const socket = await connected(server.port);
  const gathered = gather(socket);
  socket.write(octets(first));
  const enough = (): boolean => statuses(gathered().received).length >= answers;
  await until(enough, { what: "answers to the first part" });
  socket.write(octets(second));
  await until(() => gathered().closed, { what: "the connection's end" });
  return statuses(gathered().received);
}

it("a body that ends in the same packet, after a file", async () => {
  const begun = `${POSTED}${get("/ca/ca.cer")}${post(["Content-Length: 2"], "x")}`;
  expect(await statusesOf(begun, 2, `x${BAD_HEAD}`)).toEqual([200, 200, 200, 400]);
});

it("a client that is told to go on, after a file", async () => {
  const begun = `${POSTED}${get("/ca/ca.cer")}${post(["Expect: 100-continue", "Content-Length: 2"], "")}`;
  expect(await statusesOf(begun, 3, `xx${BAD_HEAD}`)).toEqual([200, 200, 100, 200, 400]);
});

it("a client that is not waiting to be told, behind others, in one packet", async () => {
  const expected = post(["Expect: 100-continue", "Content-Length: 2"], "xx");
  const all = `${POSTED}${get("/ca/ca.cer")}${expected}${get("/")}${BAD_HEAD}`;
  expect(await statusesOf("", 0, all)).toEqual([200, 200, 100, 200, 200, 400]);
});

it("the request that cannot be read is the newest itself", async () => {
  const all = `${POSTED}${get("/ca/ca.cer")}${get("/")}${post([CHUNKED], "?\r\n")}`;
  expect(await statusesOf("", 0, all)).toEqual([200, 200, 200, 400]);
});
