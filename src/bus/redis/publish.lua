-- Puts entries on the bus if they come next. Nothing is written before everything was looked at. Without entries it only
-- looks.
-- KEYS: log, seq, then the lists that the entries name, each once.
-- ARGV: entries kept in the log; then for each entry its
--       seq, number of its list's key, list, idx, value, cti, reason, seal, second in which the list's key expires.
-- Gives {0, position} when all is done, {1, position} for a hole, {2, 0} for something that is not ours.
local FIELDS = 9
local cursor = redis.call('GET', KEYS[2])
if cursor and not string.match(cursor, '^%d+$') then return {2, 0} end
local position = tonumber(cursor or '0')
local here = string.format('%.0f-0', position)
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if top and top[1] ~= here then return {2, 0} end
-- A stream remembers the last id that it ever gave out, also when its entry was deleted: XADD would fail below, after
-- the list was written.
if redis.call('EXISTS', KEYS[1]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[1])
    for at = 1, #info, 2 do
        if info[at] == 'last-generated-id' and info[at + 1] ~= here then return {2, 0} end
    end
end
for k = 3, #KEYS do
    local kind = redis.call('TYPE', KEYS[k]).ok
    if kind ~= 'string' and kind ~= 'none' then return {2, 0} end
end

local first = 2
while ARGV[first] and tonumber(ARGV[first]) <= position do first = first + FIELDS end
if not ARGV[first] then return {0, position} end
if tonumber(ARGV[first]) ~= position + 1 then return {1, position} end

for at = first, #ARGV, FIELDS do
    local seq, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
    redis.call('BITFIELD', key, 'SET', 'u2', '#' .. ARGV[at + 3], ARGV[at + 4])
    redis.call('EXPIREAT', key, ARGV[at + 8])
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], seq .. '-0', 'list', ARGV[at + 2], 'idx', ARGV[at + 3],
        'value', ARGV[at + 4], 'cti', ARGV[at + 5], 'reason', ARGV[at + 6], 'seal', ARGV[at + 7])
    position = tonumber(seq)
end
redis.call('SET', KEYS[2], string.format('%.0f', position))
return {0, position}
