-- emergency: the shop's emergency plan is switched on or off. That lies in the record of every group, where an opening
-- sees it without another call, and in the shop's for groups that come later. What the plan says is among the settings
-- (plan_notice, plan_mode, plan_group), so that a configuration applied meanwhile is in force.
--
-- args: common, on ('1' | '0'), the event's own notice ('' for the plan's)

local EMERGENCY, shop_emergency
do

EMERGENCY = {'emergency', 'emergency_notice'}

local function put_emergency(key, on, notice)
  if on ~= '1' then
    call('HDEL', key, unpack(EMERGENCY))
  elseif notice == '' then
    call('HSET', key, 'emergency', on)
    call('HDEL', key, 'emergency_notice')
  else
    call('HSET', key, 'emergency', on, 'emergency_notice', notice)
  end
end

shop_emergency = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local on, notice = args[COMMON + 1], args[COMMON + 2]
  put_emergency(K.config(ctx.p), on, notice)
  local groups = call('ZRANGE', K.groups(ctx.p), 0, -1)
  for i = 1, #groups do put_emergency(K.group(ctx.p, groups[i]), on, notice) end
end)

end
