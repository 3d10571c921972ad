-- customer: what is stored of a customer. customer_update, customer_forget.

do

-- words: customer, revision ('' when none is stored), then the fields to store (name, value …; '' removes)
step('customer_update', function(ctx, args, at, last)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local key = K.customer(ctx.p, args[at + 1])
  local revision = call('HGET', key, 'revision') or ''
  if revision ~= args[at + 2] then return 'moved' end

  local customer = {changed = {}}
  for i = at + 3, last, 2 do
    customer[args[i]] = args[i + 1] ~= '' and args[i + 1] or nil
    mark(customer, args[i])
  end
  if revision == '' or last > at + 2 then set(customer, 'revision', whole((tonumber(revision) or 0) + 1)) end
  save(key, customer)
  call('PEXPIRE', key, ctx.config.customer_retention)
end)

-- words: customer
step('customer_forget', function(ctx, args, at)
  call('DEL', K.customer(ctx.p, args[at + 1]))
end)

end
