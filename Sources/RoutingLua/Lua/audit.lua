-- audit: one entry for each step that writes, when the shard keeps an audit: who did it, on what grounds, every write.
--
-- It is on where the lease hash of the partition has the field `audit`, the number of entries that are kept; functions
-- read that hash anyway, so an audit that is off costs no call. Entries are numbered in a
-- hash of the audit's own (`audited`), so whoever reads them sees by a gap what was trimmed.
-- entry: {"i":…,"k":KIND, what `head_of_entry` gives,"r":REPLY,"event":…,"bytes":…,"w":[[COMMAND,KEY,…] …]}
-- A function that fails between two of its writes must not be; if one did, it would leave writes and no entry. That is
-- as it should be: what the entries add up to then differs from the shard, and `RoutingAudit` finds it.

local head_of_entry, begin_entry, note_write, end_entry, drop_entry
do

local EVENT_LIMIT = 1024 -- bytes of an event that are kept; its length is told

local WRITES = {
  HSET = true, HDEL = true, HINCRBY = true, RPUSH = true, LPOP = true, LTRIM = true, ZADD = true, ZREM = true,
  DEL = true, PEXPIRE = true,
}

local entry -- what is being gathered; only meant while `call` is `noted`

-- Calls Redis, and notes what was written. After the call, since a refused one wrote nothing.
local function noted(...)
  local reply = plain_call(...)
  if counted then counted = counted + 1 end
  local words = {...}
  if WRITES[words[1]] then
    for i = 1, #words do
      if type(words[i]) == 'number' then words[i] = whole(words[i]) end
    end
    entry.writes[#entry.writes + 1] = words
    if words[1] == 'LPOP' and type(reply) == 'string' then entry.event = reply end
  end
  return reply
end

-- JSON text of who acts: partition, owner, epoch; and where there is one, the moment.
function head_of_entry(partition, owner, epoch, now)
  return ',"p":' .. partition .. ',"o":' .. cjson.encode(owner) .. ',"e":' .. epoch .. (now and ',"at":' .. now or '')
end

-- From now on writes are noted. `keep` is what the lease hash has in `audit`; `head` JSON text, each ",name":value.
function begin_entry(keep, kind, head)
  keep = tonumber(keep)
  if not keep or keep < 1 then return end
  entry = {keep = keep, kind = kind, head = head, writes = {}}
  call = noted
end

-- What failed leaves no entry.
function drop_entry() call, entry = plain_call, nil end

-- Notes a write that is made otherwise than by `call`; `words` gives it, and is not asked without an audit.
function note_write(words)
  if call == noted then entry.writes[#entry.writes + 1] = words() end
end

-- Appends the entry, if anything was written, and bounds the list. Without `begin_entry` nothing happens.
function end_entry(b, reply)
  if call ~= noted then return end
  call = plain_call
  local done = entry
  entry = nil
  if not done.writes[1] then return end
  local event = ''
  if done.event then
    event = ',"event":' .. cjson.encode(sub(done.event, 1, EVENT_LIMIT)) .. ',"bytes":' .. whole(#done.event)
  end
  local number = call('HINCRBY', K.audited(b), 'n', 1)
  local length = call('RPUSH', K.audit(b), '{"i":' .. whole(number) .. ',"k":' .. cjson.encode(done.kind) .. done.head
    .. ',"r":' .. cjson.encode(reply) .. event .. ',"w":' .. cjson.encode(done.writes) .. '}')
  if length > done.keep then call('LTRIM', K.audit(b), whole(-done.keep), -1) end
end

end
