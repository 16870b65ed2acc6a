import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { cp, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { leaves } from "../../../test/support/machine-states.ts"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { migrate } from "../engine/migrator.ts"
import { migrationsFolder } from "../migrations-folder.ts"
import { factsOfState } from "./state-facts.ts"

const database = useTestDatabase({ empty: true })
let older = ""

const activities = Object.values(leaves).flatMap((leaf) => (leaf === "none" ? [] : [leaf]))

/** The schema of before, in a folder of its own. */
beforeAll(async () => {
  older = await mkdtemp(path.join(tmpdir(), "troupe-older-schema-"))
  for (const file of await readdir(migrationsFolder)) {
    if (file < "0012") await cp(path.join(migrationsFolder, file), path.join(older, file))
  }
})
afterAll(() => rm(older, { recursive: true, force: true }))

const query = <Row extends object>(text: string) =>
  database.run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(text)).pipe(Effect.orDie))

describe("what is true of a chat's state", () => {
  it("is written into chats of an older version, in every state", async () => {
    await database.run(migrate(older))
    await query(`
      with person as (insert into users (id, email, username) values (gen_random_uuid(), 'a@example.com', 'a') returning id),
        house as (insert into organizations (id, name, display_name) values (gen_random_uuid(), 'house', 'House') returning id),
        provider as (insert into providers (id, type, display_name) values (gen_random_uuid(), 'openai-compat', 'P') returning id),
        model as (insert into model_configs (id, ai_provider_id, model, display_name, context_limit, compression_threshold)
          select gen_random_uuid(), id, 'm', 'M', 1000, 70 from provider returning id)
      insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id)
      select gen_random_uuid(), person.id, house.id, activity, 1, model.id
      from person, house, model, unnest(array[${activities.map((activity) => `'${activity}'`).join()}]) as activity`)
    expect(await database.run(migrate())).toContain("0012_state_facts")
    const rows = await query<{ activity: string }>(
      "select activity, owned, working, holds_slot, waits_for_slot from chats order by activity",
    )
    expect(rows).toEqual(activities.toSorted().map((activity) => ({ activity, ...factsOfState(activity) })))
  })

  it("is all that functions and indexes of the database know of it", async () => {
    const texts = await query<{ text: string }>(`
      select indexdef as text from pg_indexes where schemaname = 'public' and tablename = 'chats'
      union all select prosrc from pg_proc where pronamespace = 'public'::regnamespace and prolang =
        (select oid from pg_language where lanname = 'plpgsql')`)
    expect(texts.length).toBeGreaterThan(8)
    const naming = new RegExp(
      activities
        .flatMap((activity) => [activity, activity.split(".")[0]])
        .map((name) => `'${name}'`)
        .join("|"),
    )
    expect(texts.filter(({ text }) => naming.test(text))).toEqual([])
  })
})
