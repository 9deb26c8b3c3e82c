-- wrk: posts the photo of the command line, and tells what came of it as one line of JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method, wrk.body = "POST", file:read("*a")
  file:close()
  wrk.headers["Content-Type"] = "image/jpeg"
  counts, unsaid = {}, 0
end

function response(status, headers)
  counts[status] = (counts[status] or 0) + 1
  if status == 503 and not (headers["retry-after"] or headers["Retry-After"]) then unsaid = unsaid + 1 end
end

function done(summary, latency)
  local total, silent = {}, 0
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("counts")) do
      total[status] = (total[status] or 0) + count
    end
    silent = silent + thread:get("unsaid")
  end
  local statuses = {}
  for status, count in pairs(total) do
    table.insert(statuses, string.format('"%d": %d', status, count))
  end
  local errors = summary.errors
  print(string.format(
    '{"seconds": %.3f, "p50": %.1f, "p99": %.1f, "lost": %d, "silent": %d, "statuses": {%s}}',
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, silent, table.concat(statuses, ", ")))
end
