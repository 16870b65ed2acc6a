-- The keys that the server at work opens secrets with. A rotation writes with a key only when the server has it, too.
create table known_keys (
  key_id text primary key,
  noted_at timestamptz not null default now()
);

-- The order of the list of accounts with all that is needed to count a page off; what follows it is read of that page only.
drop index users_by_name;
create index users_by_name on users (lower(username), id) include (username) where not deleted;
create index users_by_status on users (status, lower(username), id) include (username) where not deleted;
-- Few have a role of the deployment.
create index users_site_roles on users using gin (site_roles) where not deleted and site_roles <> '{}';

-- Pieces of names are found by their trigrams. The extension comes with PostgreSQL and may be made by the owner of a database;
-- where it may not, such a search reads all accounts, as before.
do $$
begin
  create extension if not exists pg_trgm;
  create index users_search on users using gin (search_text gin_trgm_ops) where not deleted;
exception when others then
  raise notice 'accounts are searched without an index: %', sqlerrm;
end
$$;
