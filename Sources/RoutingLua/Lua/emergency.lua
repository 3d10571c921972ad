-- emergency: the shop's emergency plan is switched on or off. It lies in the record of every group, where an opening
-- sees it without another call, and in the shop's for groups that come later.
--
-- args: common, on ('1' | '0'), notice, mode ('' leaves it), group ('' leaves it)

local EMERGENCY, shop_emergency
do

EMERGENCY = {'emergency', 'emergency_mode', 'emergency_group'}

local function put_emergency(key, values)
  if values[1] then
    call('HSET', key, 'emergency', values[1])
    for i = 2, 3 do
      if values[i] and values[i] ~= '' then
        call('HSET', key, EMERGENCY[i], values[i])
      else
        call('HDEL', key, EMERGENCY[i])
      end
    end
  else
    call('HDEL', key, unpack(EMERGENCY))
  end
end

shop_emergency = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  if args[COMMON + 4] ~= '' then
    refusal = check_group(ctx, read_group(ctx, args[COMMON + 4]), args[COMMON + 4])
    if refusal then return refusal end
  end
  local values = args[COMMON + 1] == '1' and {args[COMMON + 2], args[COMMON + 3], args[COMMON + 4]} or {}
  put_emergency(K.config(ctx.p), values)
  local groups = call('ZRANGE', K.groups(ctx.p), 0, -1)
  for i = 1, #groups do put_emergency(K.group(ctx.p, groups[i]), values) end
end)

end
