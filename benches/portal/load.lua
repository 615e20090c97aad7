-- For wrk: sends the requests of a file, one line each, with tabs between method, path, cookies and
-- body. Arguments: the file; "again" to begin anew at its end, or "once"; milliseconds of pause
-- before each request of a connection.
local requests, at, is_once = {}, 0, false

function init(args)
  is_once = args[2] == "once"
  local pause = tonumber(args[3])
  for line in io.lines(args[1]) do
    local method, path, cookies, body = line:match("([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)")
    local headers = {}
    if cookies ~= "" then headers["Cookie"] = cookies end
    if body == "" then
      body = nil
    else
      headers["Content-Type"] = "application/x-www-form-urlencoded"
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  if pause > 0 then
    -- Between half and one and a half of it, so that connections do not march in step.
    delay = function() return math.random(pause / 2, pause * 3 / 2) end
  end
end

function request()
  at = at + 1
  if at > #requests then
    if is_once then wrk.thread:stop() end
    at = 1
  end
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status, broken, latency:percentile(50), latency:percentile(99), latency.max))
end
