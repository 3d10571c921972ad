-- event_reject: an event that cannot be applied goes to the dead letters, and its gateway is told.
--
-- args: common, letter (JSON), gateway ('' for none), fields (JSON text: ,"id":…,"error":…)
-- A reason that the configuration gave ('no such group') counts only under the one in force: 'stale'. Other
-- rejections carry version 0.
-- leaves: nothing changed but the dead letters and one command. The oldest letters beyond the bound go.

local event_reject
do

local DEAD_LIMIT = 10000 -- dead letters kept; the oldest go first

event_reject = commit(function(ctx, args)
  if ctx.version ~= '0' and check_version(ctx) then return 'stale' end
  local dead = K.dead(ctx.b)
  if call('RPUSH', dead, args[COMMON + 1]) > DEAD_LIMIT then call('LTRIM', dead, -DEAD_LIMIT, -1) end
  emit(ctx, args[COMMON + 2], 'event.rejected', args[COMMON + 3])
end)

end
