-- Asks one path, or with "questions FIRST COUNT LIMIT" lists that are all different: COUNT of them from FIRST on, then
-- again. In neighbours only the age differs; with "apart" behind it the age groups and phases do as well.
-- With "differing" it is one path, and no request has the bytes of another.
-- Tells what came back as one line of JSON.
local groups = { "infant", "child", "aya", "adult", "older_adult" }
local phases = { "1", "2", "3", "4", "na", "early_1" }
local days = 20000

local function subset(values, number)
  local picked = {}
  for index, value in ipairs(values) do
    if math.floor(number / 2 ^ (index - 1)) % 2 == 1 then picked[#picked + 1] = value end
  end
  return table.concat(picked, ",")
end

function init(args)
  if args[1] == "differing" then
    local turn = 0
    request = function()
      turn = turn + 1
      wrk.headers["x-turn"] = turn
      return wrk.format()
    end
    return
  end
  if args[1] ~= "questions" then return end
  local first, count, limit, isApart = tonumber(args[2]), tonumber(args[3]), args[4], args[5] == "apart"
  local turn = 0
  request = function()
    local number = first + turn % count
    turn = turn + 1
    local rest = isApart and number or math.floor(number / days)
    local narrowed = subset(groups, 1 + rest % 31)
    local phased = subset(phases, 1 + math.floor(rest / 31) % 63)
    -- By a large step through the days, so that neighbours do not ask for the same patients.
    local day = 30 + (number * 7919) % days
    return wrk.format(nil, "/v1/trials?age=" .. day .. "d&limit=" .. limit .. "&ageGroup=" .. narrowed .. "&phase=" .. phased)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"most":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
