// The floor of node:net: one fixed answer to each piece that arrives, and nothing parsed.
//
//   node bare-net.ts PORT FILE
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const [port, file = ""] = process.argv.slice(2);
const body = readFileSync(file);
const head = `HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: ${body.length}\r\n\r\n`;
const answer = Buffer.concat([Buffer.from(head), body]);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.on("data", () => socket.write(answer));
});
server.listen(Number(port), "127.0.0.1");
