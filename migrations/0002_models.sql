-- Providers (accounts at a model service) and model configs (what a chat calls).

create table providers (
  id uuid primary key,
  type text not null,
  display_name text not null,
  enabled boolean not null default true,
  -- Envelope of the encryption module; null when there is no central key.
  api_key text,
  base_url text not null default '',
  icon text not null default '',
  central_api_key_enabled boolean not null default true,
  allow_user_api_key boolean not null default false,
  allow_central_api_key_fallback boolean not null default false,
  source text not null default 'database' check (source in ('database', 'env_preset', 'builtin')),
  deleted boolean not null default false,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint providers_some_key_allowed check (central_api_key_enabled or allow_user_api_key),
  constraint providers_fallback_needs_both check (
    not allow_central_api_key_fallback or (central_api_key_enabled and allow_user_api_key)
  )
);

create unique index providers_type_display_name on providers (type, lower(display_name)) where not deleted;

create table model_configs (
  id uuid primary key,
  ai_provider_id uuid not null references providers (id),
  model text not null check (model <> ''),
  display_name text not null,
  enabled boolean not null default true,
  is_default boolean not null default false,
  context_limit integer not null check (context_limit > 0),
  compression_threshold integer not null check (compression_threshold between 0 and 100),
  -- `model_config` of the API: how the model is called.
  options jsonb not null default '{}',
  deleted boolean not null default false,
  deleted_at timestamptz,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create unique index model_configs_one_default on model_configs (is_default) where is_default and not deleted;
create index model_configs_provider on model_configs (ai_provider_id);
