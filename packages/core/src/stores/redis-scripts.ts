// Keys of a store, after its prefix: `entry:<key>` holds "<version> <value>" and expires by Redis itself; `keys` (sorted set, all scores 0)
// orders the keys by their bytes; `expiries` (sorted set) finds the keys whose entry has expired, so that `keys` can forget them;
// `log:<name>` is a stream with ids `<offset>-0`; `offset:<name>` and `version` are counters that are never deleted.

/**
 * Applies groups in order. KEYS[1] is the prefix, ARGV[1] the number of groups; then per group the number of its changes, and per change
 * kind, name, value, condition ('', 'absent' or '=' and a version) and ttl ('' or milliseconds). Answers per group 1 and its versions, or
 * 0 and the index of the condition that failed.
 */
export const writeScript = `
local prefix = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local puts = 0

local function versionOf(key)
  local found = redis.call('GETRANGE', prefix .. 'entry:' .. key, 0, 16)
  return string.match(found, '^%d+')
end

local function conflictIn(from, count)
  local changed = {}
  for index = 0, count - 1 do
    local at = from + index * 5
    local kind, key, condition = ARGV[at], ARGV[at + 1], ARGV[at + 3]
    if kind ~= 'append' then
      if condition ~= '' then
        local version = changed[key]
        if version == nil then version = versionOf(key) end
        if condition == 'absent' then
          if version then return index end
        elseif not version or condition ~= '=' .. version then
          return index
        end
      end
      changed[key] = kind == 'put' and 'not known yet'
    end
  end
  return -1
end

local function forget(key)
  redis.call('ZREM', prefix .. 'keys', key)
  redis.call('ZREM', prefix .. 'expiries', key)
end

local function put(key, value, ttl)
  puts = puts + 1
  local version = string.format('%.0f', redis.call('INCR', prefix .. 'version'))
  local entry = version .. ' ' .. value
  redis.call('ZADD', prefix .. 'keys', 0, key)
  if ttl == '' then
    redis.call('SET', prefix .. 'entry:' .. key, entry)
    redis.call('ZREM', prefix .. 'expiries', key)
  else
    redis.call('SET', prefix .. 'entry:' .. key, entry, 'PX', ttl)
    redis.call('ZADD', prefix .. 'expiries', string.format('%.0f', now + ttl), key)
  end
  return version
end

local function append(log, value)
  local offset = string.format('%.0f', redis.call('INCR', prefix .. 'offset:' .. log))
  redis.call('XADD', prefix .. 'log:' .. log, offset .. '-0', 'v', value)
  return offset
end

local function apply(at)
  local kind, name, value = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if kind == 'append' then return append(name, value) end
  if kind == 'put' then return put(name, value, ARGV[at + 4]) end
  redis.call('DEL', prefix .. 'entry:' .. name)
  forget(name)
  return ''
end

local results = {}
local at = 2
for group = 1, tonumber(ARGV[1]) do
  local count = tonumber(ARGV[at])
  local conflict = conflictIn(at + 1, count)
  if conflict >= 0 then
    results[group] = { 0, conflict }
  else
    local versions = { 1 }
    for index = 0, count - 1 do versions[index + 2] = apply(at + 1 + index * 5) end
    results[group] = versions
  end
  at = at + 1 + count * 5
end

if puts > 0 then
  local expired = redis.call('ZRANGEBYSCORE', prefix .. 'expiries', '-inf', now, 'LIMIT', 0, 8 + 2 * puts)
  for _, key in ipairs(expired) do
    if redis.call('EXISTS', prefix .. 'entry:' .. key) == 0 then forget(key) end
  end
end
return results
`

/** ARGV: lowest key as ZRANGEBYLEX takes it, prefix of the keys, limit. Answers keys and entries in turn. */
export const listScript = `
local prefix = KEYS[1]
local from, limit = ARGV[1], tonumber(ARGV[3])
local to = ARGV[2] == '' and '+' or '(' .. ARGV[2] .. '\\255'
local found = {}
repeat
  local keys = redis.call('ZRANGEBYLEX', prefix .. 'keys', from, to, 'LIMIT', 0, limit)
  for _, key in ipairs(keys) do
    local entry = redis.call('GET', prefix .. 'entry:' .. key)
    if entry and #found < limit * 2 then
      found[#found + 1] = key
      found[#found + 1] = entry
    end
    from = '(' .. key
  end
until #keys < limit or #found == limit * 2
return found
`
