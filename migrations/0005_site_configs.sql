-- Settings of the deployment that administrators change while it runs.
create table site_configs (
  key text primary key,
  value jsonb not null,
  updated_by uuid references users (id) on delete set null,
  updated_at timestamptz not null default now()
);
