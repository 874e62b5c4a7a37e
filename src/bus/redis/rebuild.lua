-- Makes the bus say what the log says, unless it moved since it was looked at.
-- KEYS: log, seq, then the lists to set, then the lists to clear.
-- ARGV: the mark that was taken (see mark below), the new position; then for each list to set its array and the second in
--       which its key expires.
-- Gives the empty string when all is done, else the mark that was found instead; then nothing was written.
local found = redis.call('TYPE', KEYS[2]).ok
if found == 'string' then found = found .. ' ' .. redis.call('GET', KEYS[2]) end
if found ~= ARGV[1] then return found end

local set = (#ARGV - 2) / 2
for k = 1, set do
    redis.call('SET', KEYS[k + 2], ARGV[2 * k + 1])
    redis.call('EXPIREAT', KEYS[k + 2], ARGV[2 * k + 2])
end
for k = set + 3, #KEYS do redis.call('DEL', KEYS[k]) end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[2])
return ''
