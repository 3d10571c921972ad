-- customer: what is stored of a customer. customer_update, customer_forget.

local customer_update, customer_forget
do

-- args: common, customer, revision ('' when none is stored), then the fields to store (name, value …; '' removes)
customer_update = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local key = K.customer(ctx.p, args[COMMON + 1])
  local revision = call('HGET', key, 'revision') or ''
  if revision ~= args[COMMON + 2] then return 'moved' end

  local customer = {changed = {}}
  for i = COMMON + 3, #args, 2 do
    customer[args[i]] = args[i + 1] ~= '' and args[i + 1] or nil
    customer.changed[args[i]] = true
  end
  if revision == '' or #args > COMMON + 2 then set(customer, 'revision', whole((tonumber(revision) or 0) + 1)) end
  save(key, customer)
  call('PEXPIRE', key, ctx.config.customer_retention)
end)

-- args: common, customer
customer_forget = commit(function(ctx, args)
  call('DEL', K.customer(ctx.p, args[COMMON + 1]))
end)

end
