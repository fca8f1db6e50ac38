import { createServer } from "node:http";
import { once } from "node:events";
import { expect, it } from "vitest";
import { vector } from "./captured-site.ts";
import { rawConnection } from "./raw-http.ts";
import { parsePrometheus, total } from "./prometheus-text.ts";
import { Registry, Counter, Histogram } from "prom-client";
it("raw", async () => {
  const server = createServer((q, a) => { q.resume(); q.on("end", () => { const b = Buffer.from(`${q.method} ${q.url.length}`); a.writeHead(q.headers["if-none-match"] ? 304 : 200, { "content-length": b.length }); a.end(q.method === "HEAD" ? undefined : b); }); });
  server.listen(0, "127.0.0.1"); await once(server, "listening");
  const port = (server.address() as any).port;
  const say = async (f: string, n = 1, asked: "GET"|"HEAD" = "GET") => { const c = await rawConnection(port); c.write(vector(`synthetic/http/${f}`)); const out: any[] = []; for (let i = 0; i < n; i++) { try { const r = await c.next(asked, 2000); out.push(r.status, r.body.toString()); } catch (e) { out.push(String(e)); } } out.push(await c.closed(300)); c.destroy(); console.log(f, out); };
  await say("01-get-escaped.http"); await say("31-head.http", 1, "HEAD"); await say("52-get-pipelined-3.http", 3); await say("39-post-expect-100.http", 2); await say("40-post-expect-unknown.http"); await say("45-post-cl-and-te.http"); await say("46-post-two-cl.http"); await say("58-header-64k.http"); await say("57-get-uri-9000.http"); await say("41-post-http10.http"); await say("26-get-if-none-match-star.http"); await say("23-get-http10-keepalive.http"); await say("47-post-short-body-then-close.http"); await say("55-options-star.http"); await say("22-get-http11-no-host.http"); await say("43-post-no-length.http");
  server.closeAllConnections(); server.close();
  const reg = new Registry(); const c = new Counter({ name: "vouch_ocsp_requests_total", help: "x y", labelNames: ["method", "result"], registers: [reg] }); c.inc({ method: "GET", result: 'a"b\\' }, 3); c.inc({ method: "POST", result: "g" }); const h = new Histogram({ name: "hh", help: "h", registers: [reg] }); h.observe(2);
  const e = parsePrometheus(await reg.metrics()); console.log(e.types, e.helps, total(e, "vouch_ocsp_requests_total"), total(e, "vouch_ocsp_requests_total", { method: "GET" }), total(e, "hh_count"));
});
