-- Accounts beyond the first, what they belong to, and the record of what was changed.

alter table users
  add column login_type text not null default 'password' check (login_type in ('password', 'none')),
  -- Works by API token only; it has no e-mail and no password.
  add column is_service_account boolean not null default false,
  add column avatar_url text not null default '',
  -- What a person chose for the pages, by name.
  add column preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
  -- What a search for people looks through.
  add column search_text text not null generated always as (lower(username || ' ' || email || ' ' || name)) stored;

drop index users_email_key;
create unique index users_email_key on users (lower(email)) where not deleted and email <> '';
-- The order of the list, and where a page goes on.
create index users_by_name on users (lower(username), id) where not deleted;

alter table organizations
  add column description text not null default '',
  add column icon text not null default '',
  add column shareable_workspace_owners text not null default 'everyone'
    check (shareable_workspace_owners in ('none', 'everyone', 'service_accounts')),
  add column deleted boolean not null default false;

drop index organizations_name_key;
create unique index organizations_name_key on organizations (lower(name)) where not deleted;

-- The group of everyone is the organization itself and has no row.
create table groups (
  id uuid primary key,
  organization_id uuid not null references organizations (id) on delete cascade,
  name text not null,
  display_name text not null default '',
  avatar_url text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, organization_id)
);

create unique index groups_name_key on groups (organization_id, lower(name));

-- Who leaves the organization leaves its groups.
create table group_members (
  group_id uuid not null,
  organization_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (group_id, user_id),
  foreign key (group_id, organization_id) references groups (id, organization_id) on delete cascade,
  foreign key (organization_id, user_id) references organization_members (organization_id, user_id) on delete cascade
);

create index group_members_user on group_members (user_id);
create index group_members_membership on group_members (organization_id, user_id);

create table custom_roles (
  id uuid primary key,
  -- Null for a role of the deployment.
  organization_id uuid references organizations (id) on delete cascade,
  name text not null,
  display_name text not null default '',
  -- {"site": {"allow": {"chat": ["read"]}, "deny": {}}, "user": .., "organization": .., "member": ..}
  levels jsonb not null check (jsonb_typeof(levels) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index custom_roles_name_key on custom_roles (organization_id, name) nulls not distinct;

alter table api_keys
  -- Of a token: its name, and what of its user's rights it has. A session has all of them.
  add column token_name text,
  add column scopes text[];

update api_keys set scopes = '{all}', token_name = id where kind = 'token';
alter table api_keys add constraint api_keys_token check ((kind = 'token') = (scopes is not null));

create unique index api_keys_token_name on api_keys (user_id, token_name) where kind = 'token';

-- One row per change, written by the transaction that makes the change.
create table audit_log (
  id uuid primary key,
  time timestamptz not null default now(),
  request_id uuid,
  -- No foreign keys: what is written here outlives what it is about.
  organization_id uuid,
  actor_kind text not null check (actor_kind in ('person', 'token', 'service_account', 'agent', 'automation', 'system')),
  actor_id uuid,
  actor_name text not null default '',
  -- The API token that the change was made with.
  token_id text,
  ip text,
  user_agent text,
  resource_type text not null,
  resource_id text not null,
  resource_target text not null,
  action text not null check (action in ('create', 'write', 'delete', 'start', 'stop', 'login', 'logout', 'register')),
  -- {"name": {"old": "a", "new": "b", "secret": false}}: of a secret, only that it has changed.
  diff jsonb not null default '{}' check (jsonb_typeof(diff) = 'object'),
  additional_fields jsonb not null default '{}' check (jsonb_typeof(additional_fields) = 'object')
);

create index audit_log_time on audit_log (time desc, id desc);
create index audit_log_resource on audit_log (resource_type, resource_id, time desc);
create index audit_log_actor on audit_log (actor_id, time desc);
create index audit_log_organization on audit_log (organization_id, time desc);
create index audit_log_request on audit_log (request_id);

-- Chats that others were let in to read.
create index chats_user_acl on chats using gin (user_acl) where user_acl <> '{}';
create index chats_group_acl on chats using gin (group_acl) where group_acl <> '{}';
