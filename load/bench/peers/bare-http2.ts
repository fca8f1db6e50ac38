// The floor of h2c: node:http2 and one fixed answer, whatever is asked.
//
//   node bare-http2.ts PORT FILE
import { readFileSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";

const [port, file = ""] = process.argv.slice(2);
const body = readFileSync(file);
const headers = {
  ":status": 200,
  "content-type": "application/ocsp-response",
  "content-length": body.length,
};

const server = createServer();
server.on("stream", (stream: ServerHttp2Stream, request) => {
  stream.on("error", () => undefined);
  const answer = (): void => {
    stream.respond(headers);
    stream.end(body);
  };
  if (request[":method"] === "GET") answer();
  else stream.resume().on("end", answer);
});
server.listen(Number(port), "127.0.0.1");
