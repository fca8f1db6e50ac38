// The floor of node:http: one fixed answer, whatever is asked.
//
//   node bare-http.ts PORT FILE
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, file = ""] = process.argv.slice(2);
const body = readFileSync(file);
const headers = ["Content-Type", "application/ocsp-response", "Content-Length", `${body.length}`];

const server = createServer((request, response) => {
  const answer = (): void => {
    response.writeHead(200, headers).end(body);
  };
  if (request.method === "GET") answer();
  else request.resume().on("end", answer);
});
server.listen(Number(port), "127.0.0.1");
