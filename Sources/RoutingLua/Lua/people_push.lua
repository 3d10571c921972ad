-- people_push: fl_push PARTITION EVENT appends an event for gateways that want a bound instead of a growing list.
-- replies: OK | FULL (the partition's limit is reached: wait, and push again) | error TRYAGAIN (the shard is on its way
--   to another node of the cluster: push again in a moment)

local INBOX_LIMIT = 100000 -- events that may pile up in a partition, unless the topology says otherwise

-- A node of a cluster that is getting this shard, and has not all of it yet, serves whoever asks ahead (`ASKING`, as
-- cluster clients do when told to); what has not come yet seems never to have been, so a second inbox would begin. It
-- refuses one thing: a command with several keys of which one is missing. The tag alone is no key of ours, ever.
local function is_on_its_way(b)
  local reply = redis.pcall('EXISTS', sub(b, 1, -2), K.settings(b))
  return type(reply) == 'table' and find(reply.err or '', 'non local key', 1, true) ~= nil
end

local function fl_push(keys, args)
  local b = shard_base(keys)
  if #args ~= 2 then return redis.error_reply('ERR use: FCALL fl_push 1 {s} PARTITION EVENT') end
  if is_on_its_way(b) then return redis.error_reply('TRYAGAIN the shard is moving to this node; push again in a moment') end
  local partition = args[1]
  local settings = call('HMGET', K.settings(b), 'partitions', 'inbox_limit')
  local partitions = tonumber(settings[1] or '') or 65536
  if not find(partition, '^%d+$') or whole(tonumber(partition)) ~= partition or tonumber(partition) >= partitions then
    return redis.error_reply('ERR partition ' .. sub(partition, 1, 40) .. ' is not one of 0 to ' .. (partitions - 1))
  end
  local inbox = K.inbox(b, partition)
  if call('LLEN', inbox) >= (tonumber(settings[2] or '') or INBOX_LIMIT) then return redis.status_reply('FULL') end
  call('RPUSH', inbox, args[2])
  return redis.status_reply('OK')
end
