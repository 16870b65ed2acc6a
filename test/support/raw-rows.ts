import type { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/** Chats that no server has made: rows alone, of one owner, for tests of what is read of them. */
export const insertChats = (sql: SqlClient.SqlClient, count: number) =>
  sql<{ readonly id: string; readonly owner_id: string }>`
    with person as (
      insert into users (id, email, username)
      select id, id || '@example.com', id::text from (select gen_random_uuid() as id) new returning id),
    house as (
      insert into organizations (id, name, display_name)
      select id, id::text, 'House' from (select gen_random_uuid() as id) new returning id),
    provider as (
      insert into providers (id, type, display_name)
      select id, 'openai-compat', id::text from (select gen_random_uuid() as id) new returning id),
    model as (
      insert into model_configs (id, ai_provider_id, model, display_name, context_limit, compression_threshold)
      select gen_random_uuid(), id, 'none', 'None', 1000, 70 from provider returning id)
    insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id)
    select gen_random_uuid(), person.id, house.id, 'waiting', 1, model.id
    from person, house, model, generate_series(1, ${count}::int)
    returning id, owner_id`.pipe(Effect.orDie)
