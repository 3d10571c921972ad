-- emergency: the shop's emergency plan is switched on or off. That lies in the record of every group, where an opening
-- sees it without another call, and in the shop's for groups that come later. What the plan says is among the settings
-- (plan_notice, plan_mode, plan_group), so that a configuration applied meanwhile is in force.
--
-- words: on ('1' | '0'), the event's own notice ('' for the plan's)

local EMERGENCY
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

step('shop_emergency', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local on, notice = args[at + 1], args[at + 2]
  put_emergency(K.config(ctx.p), on, notice)
  local groups = call('ZRANGE', K.groups(ctx.p), 0, -1)
  for i = 1, #groups do put_emergency(K.group(ctx.p, groups[i]), on, notice) end
  ctx.config, ctx.groups = nil, {}
end)

end
