import HiredisClient
import Routing
import RoutingStore

/// Everything a shop holds in Redis, one line for each record, sorted; and the commands since the last look.
///
/// Lines are compared with ``ReferenceModel/world`` and read well when a test fails. Records are read whole,
/// so that nothing can differ unseen; what is left out is listed in ``WorldFields``. A script gathers them in
/// one round trip, since the random test looks after every step.
struct World {
  var lines: [String]
  var commands: [GatewayID: [Command]]

  /// Reads everything and empties the outboxes, as gateways do that take their commands.
  static func take(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws -> World {
    let reply = try connection.send(["EVAL", script, "1", shard.tag, shop.rawValue, WorldFields.leftOut])
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

  /// What is counted, one line for each hour and subject; facts must have been folded into the counters.
  static func statistics(
    _ shop: ShopID, shard: ShardKeys, on connection: isolated RedisConnection
  ) throws -> [String] {
    let reply = try connection.send(["EVAL", countersScript, "1", shard.tag, shop.rawValue])
    return (reply.text ?? "").split(separator: "\n").map(String.init).sorted()
  }

  /// A hash as sorted `name=value` words; empty ones and 0 count as absent.
  private static let fields = """
    local function words(flat, hidden, compared)
      local found = {}
      for i = 1, #flat, 2 do
        local name, value = flat[i], flat[i + 1]
        if not hidden[name] and (not compared or compared[name]) and value ~= '' and value ~= '0' and value ~= '[]' then
          if name == 'spread' or name == 'skills' then
            local parts = {}
            for part in string.gmatch(value, '%S+') do parts[#parts + 1] = part end
            table.sort(parts)
            value = table.concat(parts, ' ')
          end
          found[#found + 1] = name .. '=' .. string.gsub(value, '[\\n ]', ',')
        end
      end
      table.sort(found)
      return table.concat(found, ' ')
    end
    """

  private static let countersScript =
    fields + "\n" + """
      local p, lines = KEYS[1] .. ':' .. ARGV[1] .. ':stats:', {}
      for _, key in ipairs(redis.call('KEYS', p .. '*')) do
        lines[#lines + 1] = string.sub(key, #p + 1) .. ' ' .. words(redis.call('HGETALL', key), {})
      end
      return table.concat(lines, '\\n')
      """

  private static let script =
    fields + "\n" + """
      local b, p = KEYS[1] .. ':', KEYS[1] .. ':' .. ARGV[1] .. ':'
      local call, lines = redis.call, {}
      local hidden = cjson.decode(ARGV[2])
      local function add(text) lines[#lines + 1] = text end
      local function listed(word, id, key)
        add(word .. ' ' .. id .. ' ' .. table.concat(call('ZRANGE', key, 0, -1), ' '))
      end
      local function scored(word, id, key)
        local places, found = {}, call('ZRANGE', key, 0, -1, 'WITHSCORES')
        for i = 1, #found, 2 do
          places[#places + 1] = found[i] .. '@' .. string.format('%.0f', tonumber(found[i + 1]))
        end
        add(word .. ' ' .. id .. ' ' .. table.concat(places, ' '))
      end

      local lease = call('HGETALL', b .. 'lease:0')
      for i = 1, #lease, 2 do
        if lease[i] == 'position' then add('position ' .. lease[i + 1]) end
        if string.sub(lease[i], 1, 2) == 's:' then
          add('source ' .. string.sub(lease[i], 3) .. ' ' .. string.match(lease[i + 1], '^%d+'))
        end
      end
      add('dead ' .. call('LLEN', b .. 'dead'))
      local kinds = {}
      function kinds.agent(id, key)
        local part = string.match(id, ':(%a+)$')
        if not part then
          local rest = call('ZSCORE', p .. 'agents', id) and '' or ' NOT LISTED'
          return add('agent ' .. id .. ' ' .. words(call('HGETALL', key), hidden.agent) .. rest)
        end
        id = string.sub(id, 1, -#part - 2)
        if part == 'open' then return listed('held', id, key) end
        if part == 'wrap' then return scored('wrap', id, key) end
        if part == 'wanted' then return listed('wanted', id, key) end
        add('unknown key ' .. key)
      end
      function kinds.conv(id, key)
        if string.sub(id, -6) == ':texts' then return end
        local flat = call('HGETALL', key)
        local c = {}
        for i = 1, #flat, 2 do c[flat[i]] = flat[i + 1] end
        -- What a record leaves out because its other fields say it; see deploy/routing.md.
        local meant = {
          mode = 'human-first', first_level = c.level, queued_at = c.opened_at, asked_at = c.opened_at,
          waiting_since = c.state == 'waiting' and c.opened_at or nil, assigned_at = c.agent and c.opened_at or nil,
          greeted = c.state == 'active' and '1' or nil, close_reason = c.state == 'closed' and c.closed_by or nil,
        }
        for name, value in pairs(meant) do
          if c[name] == value then add('conv ' .. id .. ' needlessly has ' .. name) end
          if not c[name] then
            flat[#flat + 1] = name
            flat[#flat + 1] = value
          end
        end
        add('conv ' .. id .. ' ' .. words(flat, hidden[c.state] or {}))
        if c.state == 'bot' or (c.state == 'waiting' and not c.rule) then
          local texts = call('LRANGE', key .. ':texts', 0, -1)
          if c.said then table.insert(texts, 1, c.said) end
          if texts[1] then add('texts ' .. id .. ' ' .. table.concat(texts, '|')) end
        elseif c.state ~= 'waiting' and (c.said or c.heard or call('EXISTS', key .. ':texts') == 1) then
          add('texts ' .. id .. ' needlessly kept')
        end
      end
      function kinds.group(id, key)
        if call('ZSCORE', p .. 'groups', id) then
          local record = call('HGETALL', key)
          -- Marked before the configuration came that is in force: set aside, though it is not written so.
          local under = call('HGET', key, 'under')
          local aside = under and (call('HGET', p .. 'config', 'version') or '0') ~= under
          for i = 1, #record, 2 do
            if aside and (record[i] == 'version' or record[i] == 'retired') then record[i + 1] = '0' end
          end
          add('group ' .. id .. ' ' .. words(record, {}, hidden.compared_of_group))
        end
      end
      function kinds.customer(id, key) add('customer ' .. id .. ' ' .. words(call('HGETALL', key), hidden.customer)) end
      function kinds.ready(id, key) listed('ready', id, key) end
      function kinds.busy(id, key) listed('busy', id, key) end
      function kinds.wait(id, key) scored('wait', id, key) end
      function kinds.offer(id, key) scored('offer', id, key) end
      function kinds.parked(id, key) listed('parked', id, key) end
      function kinds.level(id, key) scored('level', id, key) end
      function kinds.stats() end
      for _, key in ipairs(call('KEYS', p .. '*')) do
        local rest = string.sub(key, #p + 1)
        local kind, id = string.match(rest, '^(%a+):(.*)$')
        if kind and kinds[kind] then
          kinds[kind](id, key)
        elseif rest ~= 'config' and rest ~= 'groups' and rest ~= 'agents' then
          add('unknown key ' .. key)
        end
      end
      local due = call('ZRANGE', b .. 'due', 0, -1, 'WITHSCORES')
      for i = 1, #due, 2 do
        -- `mend` comes every minute and changes nothing, as long as all else is right.
        if string.sub(due[i], 1, 5) ~= 'mend:' then
          add('due ' .. due[i] .. ' ' .. string.format('%.0f', tonumber(due[i + 1])))
        end
      end

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
