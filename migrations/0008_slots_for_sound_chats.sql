-- An archived chat that works is no state of the machine. It has no actor until it is repaired, so it neither takes a slot nor
-- stands in the line: those behind it would wait for ever. Otherwise the function of 0003.
create or replace function grant_slots(
  lock_space integer, lock_key integer, instance uuid, deployment bigint, per_user bigint, per_organization bigint
) returns setof uuid language plpgsql as $$
begin
  perform pg_advisory_xact_lock(lock_space, lock_key);
  return query
  with holding as (
    select owner_id, organization_id from chats
    where not archived
      and ((status = 'running' and activity <> 'running.backing_off')
        or (status = 'pending' and admitted_at is not null))
  ),
  by_owner as (select owner_id, count(*) as n from holding group by owner_id),
  by_organization as (select organization_id, count(*) as n from holding group by organization_id),
  waiting as (
    select c.id, c.owner_instance, c.yielded, c.pending_since, coalesce(o.n, 0) as running_of_owner,
      coalesce(o.n, 0) + row_number() over (partition by c.owner_id order by c.yielded desc, c.pending_since, c.id)
        as nth_of_owner,
      coalesce(g.n, 0) + row_number() over (partition by c.organization_id
        order by c.yielded desc, coalesce(o.n, 0), c.pending_since, c.id) as nth_of_organization
    from chats c
    left join by_owner o on o.owner_id = c.owner_id
    left join by_organization g on g.organization_id = c.organization_id
    where c.status = 'pending' and c.admitted_at is null and not c.archived
  ),
  allowed as (
    select id, owner_instance,
      row_number() over (order by yielded desc, nth_of_owner, pending_since, id) as nth
    from waiting
    where (per_user is null or nth_of_owner <= per_user)
      and (per_organization is null or nth_of_organization <= per_organization)
  )
  update chats set admitted_at = now()
  from allowed
  where chats.id = allowed.id and allowed.owner_instance = instance
    and (deployment is null
      or allowed.nth <= deployment - (select count(*) from holding))
  returning chats.id;
end
$$;
