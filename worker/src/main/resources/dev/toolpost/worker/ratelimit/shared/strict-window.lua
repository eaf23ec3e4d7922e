-- One round of a worker at a strict window that all workers share: SharedWindow says what is counted, WindowKeeping asks.
--
-- The state is one value, packed. All times are microseconds of the limit's own clock:
--   l, t     what that clock shows, and what the server's showed then
--   g        when the state began: another one is another memory
--   v, d, p, w   version of the definition, permits by it, permits that the vendor allows for now, window
--   f        until when what was lost with another memory counts
--   out      grants whose requests may be under way: { counts until, how many, id }, by time
--   over     permits whose requests have ended: { counts until, how many }, by time
--   line     workers that wait: { worker, leaves, least, wants, expected at, is waited for, looked at }, by turn

local time = redis.call('TIME')
local server = time[1] * 1000000 + time[2]

local place = 0
local function word()
  place = place + 1
  return ARGV[place]
end
local function number()
  return tonumber(word())
end

local me, id = word(), word()
local version, defined, allowed, window = number(), number(), number(), number()
local announced, allows = number(), number()
local late, unknown = number(), number()
local known, sure, bound = number(), number(), number()
local longest, patience, again = number(), number(), number()
local drain, spent = number(), number()

local packed = redis.call('GET', KEYS[1])
local s
if packed then
  s = cmsgpack.unpack(packed)
else
  s = {l = server, t = server, g = server, v = version, d = defined, p = allowed, w = window, f = 0, out = {}, over = {}, line = {}}
end

-- The clock moves no further than the worker's has, and not at all for one that does not know how long it stood still. What a command was longer on its way comes later; what is more than that was never time. What is noted
-- counts from where the clock may be, and until the clock is surely there.
local shows = s.l + math.max(0, server - s.t)
local now = s.l
if known == s.g and bound > 0 then
  now = math.max(s.l, math.min(shows, bound))
end
local behind = shows - now
if behind > longest then
  behind = 0
end
local latest = now + behind
s.l, s.t = now, server - behind

local changed = announced == 1 and (s.d ~= defined or s.w ~= window)
if changed then
  version, allowed = s.v + 1, defined
end
if changed or version > s.v then
  if window > s.w then
    for _, entries in ipairs({s.out, s.over}) do
      for _, entry in ipairs(entries) do
        entry[1] = entry[1] + window - s.w
      end
    end
  end
  s.v, s.d, s.p, s.w = version, defined, allowed, window
end
if allows >= 0 then
  allows = math.max(1, math.min(allows, s.d))
  if allows ~= s.p then
    s.v, s.p = s.v + 1, allows
  end
end

local slot = math.max(1000, math.floor(s.w / 512))
local function slotAfter(at)
  return (math.floor(at / slot) + 2) * slot
end

local used = 0
local function stillCounting(entries)
  local rest = {}
  for _, entry in ipairs(entries) do
    if entry[1] > now and entry[2] > 0 then
      rest[#rest + 1] = entry
      used = used + entry[2]
    end
  end
  return rest
end
s.out, s.over = stillCounting(s.out), stillCounting(s.over)

local function add(entries, till, count, name)
  if till <= now or count <= 0 then
    return
  end
  used = used + count
  local i = #entries
  while i > 0 and entries[i][1] > till do
    i = i - 1
  end
  if not name and i > 0 and entries[i][1] == till then
    entries[i][2] = entries[i][2] + count
  else
    table.insert(entries, i + 1, {till, count, name})
  end
end

-- What was granted by a memory that is lost counts as everything.
if not packed and unknown > 0 then
  add(s.over, slotAfter(latest + unknown), s.p)
end
if sure == 1 and known ~= s.g and s.g + s.w + late > s.f then
  s.f = s.g + s.w + late
  add(s.over, slotAfter(s.f), s.p)
end

-- Of a grant so many are still out. Of the others at most so many were used, and ended so long ago at the latest; the rest never were.
local told = number()
local byId = {}
if told > 0 then
  for _, entry in ipairs(s.out) do
    byId[entry[3]] = entry
  end
end
for _ = 1, told do
  local entry, out, ended, ago = byId[word()], number(), number(), number()
  if entry and entry[2] > out then
    local gone = entry[2] - out
    entry[2] = out
    used = used - gone
    add(s.over, math.min(entry[1], slotAfter(latest - ago + s.w)), math.min(gone, ended))
  end
end

add(s.over, slotAfter(latest + s.w), spent)
if drain >= 0 then
  add(s.over, slotAfter(latest + s.w), s.p - used - drain)
end

local function free()
  return s.p - used
end

-- When so many more have come back, if nobody takes any.
local function when(missing)
  local i, j = 1, 1
  while missing > 0 do
    local a, b = s.out[i], s.over[j]
    local entry
    if a and (not b or a[1] <= b[1]) then
      entry, i = a, i + 1
    elseif b then
      entry, j = b, j + 1
    else
      return now + s.w + late
    end
    missing = missing - entry[2]
    if missing <= 0 then
      return entry[1]
    end
  end
  return now
end

local function inLine(leave)
  for i, each in ipairs(s.line) do
    if each[1] == me and each[2] == leave then
      return i
    end
  end
  return nil
end

-- Who is not here in time loses the turn.
local line = {}
for _, each in ipairs(s.line) do
  if each[5] + each[6] > now then
    line[#line + 1] = each
  end
end
s.line = line

local granted = 0
local heldUp = nil
local waits = {}
local parts = {}
for i = 1, number() do
  local least, wants, leave = number(), number(), number()
  local part, soonest, sooner = 0, 0, 0
  if leave < 0 then
    -- Instead of others that were held too long, and have just been told of.
    if free() >= least then
      part = least
      used = used + part
      granted = granted + part
    end
  elseif heldUp and leave >= heldUp and waits[leave] then
    soonest, sooner = waits[leave][1], waits[leave][2]
  else
    local mine = inLine(leave)
    local here, kept, ahead, over = 1, 0, 0, now
    for _, each in ipairs(s.line) do
      if each[1] ~= me and each[2] <= leave and each[5] <= now then
        here = here + 1
      end
    end
    -- Who has waited leaves as much to each of those ahead as there is for himself; who comes anew, or has just had some, leaves everything.
    local fair = math.max(0, free())
    if mine then
      fair = math.floor(fair / here)
    end
    for j, each in ipairs(s.line) do
      local first = each[2] < leave or (each[2] == leave and j < (mine or #s.line + 1))
      if each[1] ~= me and first then
        ahead = ahead + each[3]
        over = math.max(over, each[5] + each[6])
        if each[5] <= now then
          kept = kept + math.min(each[4], math.max(each[3], fair))
        elseif each[3] > 1 and now - each[7] <= 2 * again then
          -- What it needs at once is only ever there if it gathers.
          kept = kept + each[3]
        end
      end
    end
    local most = wants
    if here > 1 then
      most = math.min(wants, math.max(least, math.ceil(free() / here)))
    end
    part = math.min(most, free() - leave - kept)
    if part >= least and not (heldUp and leave >= heldUp) then
      used = used + part
      granted = granted + part
      if mine then
        table.remove(s.line, mine)
      end
    else
      part = 0
      heldUp = math.min(heldUp or leave, leave)
      local missing = least + leave - free()
      local turn = when(missing + ahead)
      soonest, sooner = turn, turn
      if ahead > 0 then
        sooner = math.max(when(missing), over)
      end
      if turn > now then
        sooner = math.min(turn, sooner)
      end
      if sooner <= now then
        sooner = now + again
      end
      sooner = math.min(sooner, now + again)
      waits[leave] = {soonest, sooner}
      local entry = {me, leave, least, wants, turn, patience, now}
      if mine then
        s.line[mine] = entry
      else
        s.line[#s.line + 1] = entry
      end
    end
  end
  parts[#parts + 1] = part
  parts[#parts + 1] = math.max(0, soonest - now)
  parts[#parts + 1] = math.max(0, sooner - now)
end
used = used - granted
add(s.out, slotAfter(latest + late + s.w), granted, id)

redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', math.ceil((s.w + late) / 1000) + 60000)

local answer = {now, s.g, s.v, s.d, s.p, s.w, free()}
for i = 1, #parts do
  answer[7 + i] = parts[i]
end
return answer
