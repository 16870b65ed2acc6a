-- Users, organizations, membership and the keys that sign requests in.

create table users (
  id uuid primary key,
  email text not null,
  username text not null,
  name text not null default '',
  -- argon2id in PHC form; null for an account that cannot sign in with a password.
  password_hash text,
  site_roles text[] not null default '{}',
  status text not null default 'active' check (status in ('active', 'suspended', 'dormant')),
  deleted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_seen_at timestamptz
);

-- A deleted account gives its names free.
create unique index users_email_key on users (lower(email)) where not deleted;
create unique index users_username_key on users (lower(username)) where not deleted;

create table organizations (
  id uuid primary key,
  name text not null,
  display_name text not null,
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index organizations_name_key on organizations (lower(name));
create unique index organizations_one_default on organizations (is_default) where is_default;

insert into organizations (id, name, display_name, is_default) values (gen_random_uuid(), 'default', 'Default', true);

create table organization_members (
  organization_id uuid not null references organizations (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  roles text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);

create index organization_members_user on organization_members (user_id);

-- A browser session or an API token. The text a client sends is `<id>-<secret>`; only a hash of the secret is kept.
create table api_keys (
  id text primary key,
  hashed_secret bytea not null,
  user_id uuid not null references users (id) on delete cascade,
  kind text not null check (kind in ('session', 'token')),
  -- A session's expiry moves forward by this much when it is used; a token's stays.
  lifetime_seconds integer not null check (lifetime_seconds > 0),
  expires_at timestamptz not null,
  last_used_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  ip text,
  user_agent text
);

create index api_keys_user on api_keys (user_id);
create index api_keys_expiry on api_keys (expires_at);
