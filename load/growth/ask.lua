-- wrk's part of `npm run growth`: POSTs of the OCSP requests in REQUESTS (each with its length, two octets,
-- before it), in turn; with DELAY_MS a connection waits that long after each, on average: without chance in it,
-- all connections would ask at once. Prints one line of JSON.
local requests, next_request = {}, 0

function init()
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  local octets = file:read("*a")
  file:close()
  local headers = { ["Content-Type"] = "application/ocsp-request", ["Host"] = wrk.headers["Host"] }
  local at = 1
  while at < #octets do
    local high, low = octets:byte(at, at + 1)
    local length = high * 256 + low
    local body = octets:sub(at + 2, at + 1 + length)
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    at = at + 2 + length
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

local delay_ms = tonumber(os.getenv("DELAY_MS"))
if delay_ms > 0 then
  function delay() return math.random(0, 2 * delay_ms) end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
