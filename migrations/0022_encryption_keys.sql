-- The keys that the server at work opens secrets with. A rotation writes with a key only when the server has it, too.
create table known_keys (
  key_id text primary key,
  noted_at timestamptz not null default now()
);
