// The floor of node:net as Vouch reads from it: as bare-net, but into one buffer.
//
//   node bare-direct.ts PORT FILE
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { directSocket } from "../../../src/responder/direct-socket.ts";

const [port, file = ""] = process.argv.slice(2);
const body = readFileSync(file);
const head = `HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: ${body.length}\r\n\r\n`;
const answer = Buffer.concat([Buffer.from(head), body]);

const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
  const socket = directSocket(accepted);
  socket.on("error", () => undefined);
  socket.on("data", () => socket.write(answer));
});
server.listen(Number(port), "127.0.0.1");
