-- Sends each prepared request once, with the headers that InboundFlow sends: a line is "timestamp signature body", and every thread has a file of its own.
local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(args)
  lines = {}
  for line in io.lines(os.getenv("LOAD_FILES") .. "." .. id) do
    lines[#lines + 1] = line
  end
  at = 0
end

function request()
  at = at + 1
  local timestamp, signature, body = (lines[at] or lines[#lines]):match("^(%S+) (%S+) (.+)$")
  return wrk.format("POST", wrk.path, {
    ["Content-Type"] = "application/json",
    ["User-Agent"] = "InboundFlow-Webhook/1.0",
    ["X-InboundFlow-Event"] = "call.completed",
    ["X-InboundFlow-Delivery-Id"] = body:match('"delivery_id":"([^"]+)"'),
    ["X-InboundFlow-Timestamp"] = timestamp,
    ["X-InboundFlow-Signature"] = signature,
  }, body)
end

function done(summary, latency, requests)
  io.write(string.format(
    "RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max
  ))
end
