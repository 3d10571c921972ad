-- event_reject: an event that cannot be applied goes to the dead letters, and its gateway is told.
--
-- words: letter (JSON), gateway ('' for none), fields (JSON text: ,"id":…,"error":…)
-- A reason that the configuration gave ('no such group') counts only under the one in force: 'stale'. Other
-- rejections carry version 0.
-- leaves: nothing changed but the dead letters and one command. The oldest letters beyond the bound go.

do

local DEAD_LIMIT = 10000 -- dead letters kept; the oldest go first

step('event_reject', function(ctx, args, at)
  if ctx.version ~= '0' and check_version(ctx) then return 'stale' end
  local dead = K.dead(ctx.b)
  if call('RPUSH', dead, args[at + 1]) > DEAD_LIMIT then call('LTRIM', dead, -DEAD_LIMIT, -1) end
  emit(ctx, args[at + 2], 'event.rejected', args[at + 3])
end)

end
