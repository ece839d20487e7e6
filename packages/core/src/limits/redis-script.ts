import { leaseSlices } from './lease-state.ts'

/**
 * {@link import('./lease-state.ts').grantLease} in Lua, atomic in one round trip, on Redis' own time. One hash per limit:
 * `s:<slice>` units granted, `w` the window that the slices are parts of, `t` and `a` tokens and their time, `p` the end of a pause, `m:<id>` when a process asked last.
 */
export const leaseScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local units, perMs, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted, spent, member = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local memberMs, rememberMs = tonumber(ARGV[7]), tonumber(ARGV[8])
local fields = redis.call('HGETALL', KEYS[1])
local before = tonumber(redis.call('HGET', KEYS[1], 'w') or ARGV[2])
local sliceMs = before / ${leaseSlices}
local slice = math.floor(now / sliceMs)
local used, first, members, pausedUntil = spent, slice, 1, 0
local tokens, at, inSlice = burst, now, 0
local gone = {}
for index = 1, #fields, 2 do
  local field, value = fields[index], tonumber(fields[index + 1])
  local kind = string.sub(field, 1, 2)
  if kind == 's:' then
    local number = tonumber(string.sub(field, 3))
    if number < slice - ${leaseSlices} then
      gone[#gone + 1] = field
    else
      used = used + value
      if number < first then first = number end
      if number == slice then inSlice = value end
    end
  elseif kind == 'm:' then
    if value < now - memberMs then gone[#gone + 1] = field
    elseif field ~= 'm:' .. member then members = members + 1 end
  elseif field == 't' then tokens = value
  elseif field == 'a' then at = value
  elseif field == 'p' then pausedUntil = value
  end
end
if burst < 0 and before ~= perMs then
  for index = 1, #fields, 2 do
    if string.sub(fields[index], 1, 2) == 's:' then redis.call('HDEL', KEYS[1], fields[index]) end
  end
  sliceMs = perMs / ${leaseSlices}
  slice = math.floor(now / sliceMs)
  first, inSlice = slice, used - spent
  redis.call('HSET', KEYS[1], 's:' .. string.format('%.0f', slice), inSlice)
end
local paused = math.max(0, pausedUntil - now)
local granted, retryAfter = 0, 0
if burst < 0 then
  if redis.call('HGET', KEYS[1], 'w') ~= ARGV[2] then redis.call('HSET', KEYS[1], 'w', ARGV[2]) end
  if paused == 0 then granted = math.min(wanted, math.max(0, math.floor(units - used))) end
  if granted + spent > 0 then redis.call('HSET', KEYS[1], 's:' .. string.format('%.0f', slice), inSlice + granted + spent) end
  if granted < wanted then retryAfter = (first + ${leaseSlices} + 1) * sliceMs - now end
else
  local rate = units / perMs
  tokens = math.min(burst, tokens + math.max(0, now - at) * rate) - spent
  if paused == 0 then granted = math.min(wanted, math.max(0, math.floor(tokens))) end
  tokens = tokens - granted
  redis.call('HSET', KEYS[1], 't', string.format('%.6f', tokens), 'a', string.format('%.3f', now))
  if granted < wanted then retryAfter = (1 - math.min(1, tokens)) / rate end
end
for _, field in ipairs(gone) do redis.call('HDEL', KEYS[1], field) end
redis.call('HSET', KEYS[1], 'm:' .. member, string.format('%.3f', now))
if redis.call('PTTL', KEYS[1]) < rememberMs then redis.call('PEXPIRE', KEYS[1], rememberMs) end
return { granted, string.format('%.3f', math.max(retryAfter, paused)), string.format('%.3f', paused), members }
`

/** Sets the end of a pause, unless a later one stands. */
export const pauseScript = `
local time = redis.call('TIME')
local untilMs = time[1] * 1000 + time[2] / 1000 + tonumber(ARGV[1])
local stands = tonumber(redis.call('HGET', KEYS[1], 'p') or '0')
if untilMs > stands then redis.call('HSET', KEYS[1], 'p', string.format('%.3f', untilMs)) end
local remember = math.ceil(tonumber(ARGV[1])) + 1000
if redis.call('PTTL', KEYS[1]) < remember then redis.call('PEXPIRE', KEYS[1], remember) end
return 1
`
