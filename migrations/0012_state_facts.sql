-- What is true of a chat's state, as columns: from now on written with `activity`, from the tags of the machine's state
-- (`src/db/chats/state-facts.ts`), and read by every statement that names states until now.
alter table chats
  add column owned boolean not null default false,
  add column working boolean not null default false,
  add column holds_slot boolean not null default false,
  add column waits_for_slot boolean not null default false;

update chats set
  owned = status in ('pending', 'running', 'requires_action'),
  working = status = 'running',
  holds_slot = status = 'running' and activity <> 'running.backing_off',
  waits_for_slot = status = 'pending'
where status in ('pending', 'running', 'requires_action');

drop index chats_with_work;
drop index chats_admission;
-- The sweep: chats that somebody has to look after, by owner.
create index chats_owned on chats (owner_instance) where owned;
create index chats_slots on chats (owner_id) where holds_slot or waits_for_slot;

-- The rules of 0008, which are said in `src/db/chats/admission.ts`, over these columns.
drop function grant_slots(integer, integer, uuid, bigint, bigint, bigint);
create function grant_slots(
  lock_space integer, lock_key integer, instance uuid, deployment bigint, per_user bigint, per_organization bigint,
  reserved jsonb
) returns setof uuid language plpgsql as $$
begin
  perform pg_advisory_xact_lock(lock_space, lock_key);
  return query
  with about_to_hold as (
    select * from jsonb_to_recordset(reserved) as r (id uuid, owner_id uuid, organization_id uuid)
  ),
  holding as (
    select owner_id, organization_id from chats
    where not archived and (holds_slot or (waits_for_slot and admitted_at is not null))
      and id not in (select a.id from about_to_hold a)
    union all
    select a.owner_id, a.organization_id from about_to_hold a
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
    where c.waits_for_slot and c.admitted_at is null and not c.archived
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
