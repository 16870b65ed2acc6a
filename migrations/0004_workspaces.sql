-- Templates, the workspaces made from them, and the builds that start and stop those.

create table templates (
  id uuid primary key,
  -- null: every organization may use it.
  organization_id uuid references organizations (id) on delete cascade,
  name text not null,
  display_name text not null default '',
  description text not null default '',
  driver text not null check (driver in ('local')),
  -- A root chat without a workspace gets one from this template when it calls its first workspace tool.
  auto_workspace boolean not null default false,
  deleted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index templates_name on templates (organization_id, lower(name)) nulls not distinct where not deleted;

insert into templates (id, name, display_name, description, driver, auto_workspace)
values (
  '6c6f6361-6c00-4000-8000-000000000001',
  'local',
  'This machine',
  'A folder on the machine that the server runs on. Commands run in a sandbox where bubblewrap is installed.',
  'local',
  true
);

create table workspaces (
  id uuid primary key,
  owner_id uuid not null references users (id) on delete cascade,
  organization_id uuid not null references organizations (id) on delete cascade,
  template_id uuid not null references templates (id),
  name text not null,
  deleted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_used_at timestamptz not null default now()
);

create unique index workspaces_owner_name on workspaces (owner_id, lower(name)) where not deleted;
create index workspaces_organization on workspaces (organization_id);
create index workspaces_template on workspaces (template_id);

create table workspace_builds (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  number integer not null,
  transition text not null check (transition in ('start', 'stop', 'delete')),
  status text not null default 'pending' check (status in ('pending', 'running', 'succeeded', 'failed', 'canceled')),
  -- A sentence for people; null unless it failed.
  error text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  unique (workspace_id, number)
);

alter table chats
  add constraint chats_workspace_id_fkey foreign key (workspace_id) references workspaces (id) on delete set null,
  add constraint chats_build_id_fkey foreign key (build_id) references workspace_builds (id) on delete set null;

create index chats_build on chats (build_id) where build_id is not null;
