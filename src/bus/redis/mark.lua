-- What stands as the position, whatever it is: its type, and its value where it is a string.
-- KEYS: seq.
local found = redis.call('TYPE', KEYS[1]).ok
if found == 'string' then found = found .. ' ' .. redis.call('GET', KEYS[1]) end
return found
