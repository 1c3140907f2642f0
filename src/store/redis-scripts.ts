/*
 * Each runs as a whole, nothing between its lines (redis.io, "Scripting with Lua"). KEYS[1] is the record's hash, KEYS[2] the set of the
 * collection's keys. They are in different slots: a cluster of Redis is not what this is made for.
 */

/**
 * Keeps an entry, unless a later one is there. ARGV: the record's key, its value (empty where it is deleted), when it was written, its time to
 * live in milliseconds, the channel, the message, who writes.
 */
export const PUT = `
local known = redis.call('HGET', KEYS[1], 'at')
if known and tonumber(known) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[2], 'at', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
`;

/** When each record of a collection was written; what has expired leaves the set. ARGV: what the hashes' names begin with. */
export const SURVEY = `
local answer = {}
for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local at = redis.call('HGET', ARGV[1] .. key, 'at')
  if at then
    answer[#answer + 1] = key
    answer[#answer + 1] = at
  else
    redis.call('SREM', KEYS[1], key)
  end
end
return answer
`;

/** One record: its value, when it was written, and for how many milliseconds it lives. */
export const READ = `
local fields = redis.call('HMGET', KEYS[1], 'value', 'at')
return { fields[1], fields[2], redis.call('PTTL', KEYS[1]) }
`;
