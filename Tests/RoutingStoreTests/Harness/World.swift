import HiredisClient
import Routing
import RoutingStore

/// Everything a shop holds in Redis, one line for each record, sorted; and the commands since the last look.
///
/// Lines are compared with ``ReferenceModel/world`` and read well when a test fails. A script gathers them in
/// one round trip, since the random test looks after every step.
struct World {
  var lines: [String]
  var commands: [GatewayID: [Command]]

  /// Reads everything and empties the outboxes, as gateways do that take their commands.
  static func take(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws -> World {
    let reply = try connection.send(["EVAL", script, "1", shard.tag, shop.rawValue])
    let parts = reply.array ?? []
    guard let text = parts.first?.text else { throw RedisError.unexpectedReply("\(reply)") }
    var commands: [GatewayID: [Command]] = [:]
    for row in parts.dropFirst() {
      let row = row.array ?? []
      guard let gateway = row.first?.text else { continue }
      commands[GatewayID(unchecked: gateway)] = try row.dropFirst().map { value in
        try CommandDecoder.decode(value.bytes ?? []).get()
      }
    }
    return World(lines: text.split(separator: "\n").map(String.init).sorted(), commands: commands)
  }

  private static let script = """
    local b, p = KEYS[1] .. ':', KEYS[1] .. ':' .. ARGV[1] .. ':'
    local call, lines = redis.call, {}
    local function add(text) lines[#lines + 1] = text end
    local function fields(key, ...)
      local names, values, text = {...}, call('HMGET', key, ...), {}
      for i = 1, #names do text[i] = names[i] .. '=' .. (values[i] or '') end
      return table.concat(text, ' ')
    end
    local function names(kind)
      local found = call('KEYS', p .. kind .. ':*')
      for i = 1, #found do found[i] = string.sub(found[i], #p + #kind + 2) end
      return found
    end
    local function listed(word, kind)
      for _, id in ipairs(names(kind)) do
        local ids = call('ZRANGE', p .. kind .. ':' .. id, 0, -1)
        add(word .. ' ' .. id .. ' ' .. table.concat(ids, ' '))
      end
    end

    local lease = call('HGETALL', b .. 'lease:0')
    for i = 1, #lease, 2 do
      if lease[i] == 'position' then add('position ' .. lease[i + 1]) end
      if string.sub(lease[i], 1, 2) == 's:' then
        add('source ' .. string.sub(lease[i], 3) .. ' ' .. string.match(lease[i + 1], '^%d+'))
      end
    end
    add('dead ' .. call('LLEN', b .. 'dead'))
    for _, id in ipairs(names('agent')) do
      local key = p .. 'agent:' .. id
      if string.sub(id, -5) == ':open' then
        add('held ' .. string.sub(id, 1, -6) .. ' ' .. table.concat(call('ZRANGE', key, 0, -1), ' '))
      else
        local line = fields(key, 'status', 'gateway', 'load', 'capacity', 'target') .. ' groups='
          .. string.gsub(call('HGET', key, 'groups') or '', ' ', ',')
        add('agent ' .. id .. ' ' .. line .. ' ' .. fields(key, 'version', 'idle_since', 'online_at')
          .. (call('ZSCORE', p .. 'agents', id) and '' or ' NOT LISTED'))
      end
    end
    for _, id in ipairs(call('ZRANGE', p .. 'groups', 0, -1)) do
      local g = call('HMGET', p .. 'group:' .. id, 'version', 'turn', 'online', 'slots', 'limit', 'idle_timeout')
      add('group ' .. id .. ' version=' .. g[1] .. ' turn=' .. (g[2] or '0') .. ' online=' .. (g[3] or '0')
        .. ' slots=' .. (g[4] or '0') .. ' limit=' .. (g[5] or '') .. ' idle_timeout=' .. (g[6] or ''))
    end
    listed('ready', 'ready')
    for _, id in ipairs(names('wait')) do
      local places, found = {}, call('ZRANGE', p .. 'wait:' .. id, 0, -1, 'WITHSCORES')
      for i = 1, #found, 2 do
        places[#places + 1] = found[i] .. '@' .. string.format('%.0f', tonumber(found[i + 1]))
      end
      add('wait ' .. id .. ' ' .. table.concat(places, ' '))
    end
    for _, id in ipairs(names('conv')) do
      local key = p .. 'conv:' .. id
      local state = call('HGET', key, 'state')
      local line = 'conv ' .. id .. ' ' .. fields(key, 'state', 'customer', 'gateway', 'group', 'level', 'opened_at')
      if state ~= 'closed' then line = line .. ' ' .. fields(key, 'mode', 'queued_at', 'idle_armed') end
      if state == 'bot' then line = line .. ' ' .. fields(key, 'spoke', 'spoke_at') end
      if state == 'waiting' then line = line .. ' ' .. fields(key, 'waiting_since', 'excluded') end
      if state == 'active' then
        line = line .. ' ' .. fields(key, 'agent', 'reason', 'waited_ms', 'assigned_at', 'spoke')
      end
      if state == 'closed' then line = line .. ' ' .. fields(key, 'closed_at', 'closed_by', 'close_reason') end
      if call('HEXISTS', key, 'score') == 1 then
        line = line .. ' ' .. fields(key, 'score', 'rated_at', 'comment')
      end
      add(line)
    end
    for _, id in ipairs(names('customer')) do
      add('customer ' .. id .. ' ' .. fields(p .. 'customer:' .. id, 'revision', 'name', 'vip', 'level'))
    end
    local due = call('ZRANGE', b .. 'due', 0, -1, 'WITHSCORES')
    for i = 1, #due, 2 do add('due ' .. due[i] .. ' ' .. string.format('%.0f', tonumber(due[i + 1]))) end

    local reply = {table.concat(lines, '\\n')}
    for _, key in ipairs(call('KEYS', b .. 'out:*')) do
      local row = call('LRANGE', key, 0, -1)
      table.insert(row, 1, string.sub(key, #b + 5))
      call('DEL', key)
      reply[#reply + 1] = row
    end
    return reply
    """
}
