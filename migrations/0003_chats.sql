-- Chats: one row is the committed truth of one chat actor. Written only by the actor that holds `owner_epoch`,
-- but for the attributes (title, labels, pin, read cursor, summaries), which any replica may set.

create table instances (
  id uuid primary key,
  heartbeat_at timestamptz not null default now(),
  address text,
  version text not null,
  started_at timestamptz not null default now()
);

create table chats (
  id uuid primary key,
  owner_id uuid not null references users (id) on delete cascade,
  organization_id uuid not null references organizations (id) on delete cascade,
  parent_chat_id uuid references chats (id) on delete set null,
  root_chat_id uuid references chats (id) on delete set null,
  client_type text not null default 'api' check (client_type in ('ui', 'api')),
  mode text check (mode in ('explore', 'computer_use')),
  dynamic_tools jsonb not null default '[]',
  -- Rules of this chat about which tools run; the deployment's hold beside them.
  tool_policy jsonb not null default '[]',
  created_at timestamptz not null default now(),

  -- The state of the machine: the leaf of its `life` region, `plan` of its `mode` region, and what its guards read.
  -- The length of the queue is counted, not stored.
  activity text not null,
  status text not null generated always as (split_part(activity, '.', 1)) stored
    check (status in ('waiting', 'pending', 'running', 'requires_action', 'error')),
  plan_mode boolean not null default false,
  -- The mode that the present turn began in: a toggle acts from the next turn on.
  turn_plan_mode boolean not null default false,
  archived boolean not null default false,
  resume text not null default 'generate' check (resume in ('generate', 'execute', 'compact')),
  turn_steps integer not null default 0,
  machine_version integer not null,

  -- Counters. Readers drop what is older than what they have.
  snapshot_version bigint not null default 1,
  history_version bigint not null default 0,
  queue_version bigint not null default 0,
  retry_state_version bigint not null default 0,
  generation_attempt integer not null default 0,

  -- Who drives the chat. Every state write names its epoch.
  owner_instance uuid,
  owner_epoch bigint not null default 0,
  recovery_attempts integer not null default 0,

  last_model_config_id uuid not null references model_configs (id),
  last_error jsonb,
  retry_state jsonb,
  requires_action_deadline_at timestamptz,
  pending_since timestamptz,
  admitted_at timestamptz,
  yielded boolean not null default false,

  -- Attributes.
  title text not null default 'New Chat',
  labels jsonb not null default '{}',
  mcp_server_ids uuid[] not null default '{}',
  pin_order integer not null default 0 check (pin_order = 0 or (not archived and parent_chat_id is null)),
  last_read_message_id bigint,
  last_turn_summary text,
  user_acl jsonb not null default '{}' check (jsonb_typeof(user_acl) = 'object'),
  group_acl jsonb not null default '{}' check (jsonb_typeof(group_acl) = 'object'),
  workspace_id uuid,
  build_id uuid,
  agent_id uuid,
  updated_at timestamptz not null default now()
);

create index chats_sidebar on chats (owner_id, archived, (pin_order = 0), pin_order, updated_at desc, id desc)
  where parent_chat_id is null;
create index chats_children on chats (root_chat_id, created_at desc, id desc) where root_chat_id is not null;
create index chats_organization on chats (organization_id);
create index chats_workspace on chats (workspace_id) where workspace_id is not null;
create index chats_model on chats (last_model_config_id);
create index chats_labels on chats using gin (labels);
-- The sweep: chats with work, by owner.
create index chats_with_work on chats (status, owner_instance)
  where status in ('pending', 'running', 'requires_action');
create index chats_admission on chats (owner_id) where status in ('pending', 'running');

create table chat_messages (
  id bigint generated always as identity primary key,
  chat_id uuid not null references chats (id) on delete cascade,
  -- Snapshot versions between which the row is part of the transcript. A removed row is kept: its cost still counts.
  created_version bigint not null,
  removed_version bigint,
  role text not null check (role in ('system', 'user', 'assistant', 'tool')),
  visibility text not null default 'both' check (visibility in ('user', 'model', 'both')),
  content jsonb not null,
  content_version smallint not null default 1,
  compressed boolean not null default false,
  model_config_id uuid references model_configs (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  input_tokens bigint,
  output_tokens bigint,
  total_tokens bigint,
  reasoning_tokens bigint,
  cache_creation_tokens bigint,
  cache_read_tokens bigint,
  context_limit bigint,
  total_cost_micros bigint,
  runtime_ms bigint,
  provider_response_id text,
  created_at timestamptz not null default now()
);

create index chat_messages_page on chat_messages (chat_id, id);
create index chat_messages_removed on chat_messages (chat_id, removed_version) where removed_version is not null;
create index chat_messages_spend on chat_messages (created_at) where total_cost_micros is not null;
create index chat_messages_assistant on chat_messages (chat_id, id)
  where role = 'assistant' and removed_version is null;

create table chat_queued_messages (
  id bigint generated always as identity primary key,
  chat_id uuid not null references chats (id) on delete cascade,
  created_version bigint not null,
  removed_version bigint,
  position bigint not null,
  kind text not null default 'queue' check (kind in ('queue', 'steer')),
  content jsonb not null,
  model_config_id uuid references model_configs (id) on delete set null,
  created_by uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now()
);

create index chat_queued_messages_live on chat_queued_messages (chat_id, position) where removed_version is null;
create index chat_queued_messages_history on chat_queued_messages (chat_id, id);

-- The identity of a tool call exists here before the tool starts. A result is kept even when it comes too late to be shown.
create table tool_calls (
  id uuid primary key,
  chat_id uuid not null references chats (id) on delete cascade,
  message_id bigint not null references chat_messages (id) on delete cascade,
  index integer not null,
  provider_call_id text not null,
  tool_name text not null,
  args jsonb,
  -- What the model sent when it was not JSON; such a call is answered with an error.
  args_text text,
  state text not null default 'planned' check (state in ('planned', 'started', 'done', 'canceled')),
  result jsonb,
  is_error boolean,
  -- Null: nobody is asked. `asked` waits for a person; a denied call is answered with the reason.
  approval text check (approval in ('asked', 'approved', 'denied')),
  approval_reason text,
  -- The transcript row that answers the call, ours or the tool's.
  answered_version bigint,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  unique (message_id, index)
);

create index tool_calls_open on tool_calls (chat_id, message_id, index) where answered_version is null;
create index tool_calls_chat on tool_calls (chat_id);

create table chat_attempts (
  chat_id uuid not null references chats (id) on delete cascade,
  history_version bigint not null,
  attempt integer not null,
  model_config_id uuid,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  reason text,
  primary key (chat_id, history_version, attempt)
);

-- What was shown of a message before it was one. One row is one emitted part.
create table chat_parts (
  chat_id uuid not null references chats (id) on delete cascade,
  history_version bigint not null,
  attempt integer not null,
  seq integer not null,
  role text not null,
  -- json, not jsonb: what is replayed must be what was shown, to the byte.
  part json not null,
  primary key (chat_id, history_version, attempt, seq)
);

-- Every accepted transition: ids and scalars, never text.
create table chat_transitions (
  chat_id uuid not null references chats (id) on delete cascade,
  version bigint not null,
  event text not null,
  detail jsonb not null default '{}',
  from_activity text not null,
  to_activity text not null,
  actor_user_id uuid,
  epoch bigint not null,
  machine_version integer not null,
  duration_us integer,
  created_at timestamptz not null default now(),
  primary key (chat_id, version)
);

-- Whole states, every 100 versions, from which a replay can start.
create table chat_snapshots (
  chat_id uuid not null references chats (id) on delete cascade,
  version bigint not null,
  value jsonb not null,
  context jsonb not null,
  machine_version integer not null,
  primary key (chat_id, version)
);

-- Mutating calls that carried an Idempotency-Key, kept 24 hours. For a command of a chat the row is written with the
-- transition and `result` holds the ids from which the same answer is made again.
create table command_receipts (
  user_id uuid not null references users (id) on delete cascade,
  scope text not null,
  key text not null,
  request_hash text not null,
  chat_id uuid references chats (id) on delete cascade,
  version bigint,
  result jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (user_id, scope, key)
);

create index command_receipts_age on command_receipts (created_at);

-- Gives slots to waiting chats of one instance and returns their ids; `src/db/admission.ts` says by which rules. A function,
-- because the statement must see the rows as they are once the lock is held, and one round trip is all that a turn can wait.
create function grant_slots(
  lock_space integer, lock_key integer, instance uuid, deployment bigint, per_user bigint, per_organization bigint
) returns setof uuid language plpgsql as $$
begin
  perform pg_advisory_xact_lock(lock_space, lock_key);
  return query
  with holding as (
    select owner_id, organization_id from chats
    where (status = 'running' and activity <> 'running.backing_off')
      or (status = 'pending' and admitted_at is not null)
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
    where c.status = 'pending' and c.admitted_at is null
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
