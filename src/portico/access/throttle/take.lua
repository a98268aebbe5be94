-- Decides requests in their order, all at one moment of the server's clock, and keeps what became of the buckets.
--
-- KEYS: the buckets, each once. A bucket's value is "level at": see bucket.py, whose `settle` and `decide` these are.
-- ARGV[1]: MessagePack of {serial, jump, requests}; each request is
--     {"take", cost, key, capacity, rate, keep, ...}   four values for each bucket; key: its place in KEYS, from 1
--     {"read", 0,    key, capacity, rate, keep, ...}
--     {"seed", 0,    key, level,    rate, keep, ...}
-- Returns MessagePack of one list: the serial, then for each request whether it was admitted (1 or 0) and each bucket's level, -1 where
-- it must be seeded.

local LONGEST = 315360000  -- seconds that a bucket is kept at most: ten years

local serial, jump, requests = unpack(cmsgpack.unpack(ARGV[1]))
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local levels, moments, rates, keeps, changed = {}, {}, {}, {}, {}
if #KEYS > 0 then
    for place, value in ipairs(redis.call('MGET', unpack(KEYS))) do
        local level, at = string.match(value or '', '^(%S+) (%S+)$')
        level, at = tonumber(level), tonumber(at)
        if level and at and level >= 0 and level < math.huge then  -- else somebody else wrote it
            levels[place], moments[place] = level, at
        end
    end
end

local function settle(place, rate)
    local level = levels[place]
    if not level then
        if rate > 0 then
            levels[place], moments[place] = 0, now
        end
        return
    end
    local elapsed = now - moments[place]
    if elapsed >= 0 then
        levels[place] = math.max(level - elapsed * rate, 0)
        moments[place] = now
    elseif elapsed < -jump then
        moments[place] = now
        changed[place] = true  -- also where no request is admitted: else a used-up bucket would wait for the old time
    end
end

local answer = {serial}
for _, request in ipairs(requests) do
    local kind, cost, admitted = request[1], request[2], request[1] == 'take'
    for index = 3, #request, 4 do
        local place, capacity, rate = request[index], request[index + 1], request[index + 2]
        rates[place], keeps[place] = rate, request[index + 3]
        settle(place, rate)
        local level = levels[place]
        if not level or level + cost > capacity then
            admitted = false
        end
    end
    answer[#answer + 1] = admitted and 1 or 0
    for index = 3, #request, 4 do
        local place = request[index]
        if admitted then
            levels[place] = levels[place] + cost
            changed[place] = true
        elseif kind == 'seed' then
            levels[place], moments[place] = math.max(levels[place] or 0, request[index + 1]), moments[place] or now
            changed[place] = true
        end
        answer[#answer + 1] = levels[place] or -1
    end
end

for place in pairs(changed) do
    local level, rate = levels[place], rates[place]
    -- A full bucket is forgotten, which says the same; a margin is for clocks, and for what would round to nothing.
    local seconds = rate > 0 and level / rate + jump or keeps[place] - now
    local milliseconds = math.ceil(math.max(math.min(seconds, LONGEST), 1) * 1000)
    redis.call('SET', KEYS[place], string.format('%.17g %.17g', level, moments[place]),
        'PX', string.format('%.0f', milliseconds))
end
return cmsgpack.pack(answer)
