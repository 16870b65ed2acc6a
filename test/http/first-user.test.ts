import { SqlClient } from "@effect/sql"
import { Effect, Schedule } from "effect"
import { describe, expect, it } from "vitest"
import { FirstUser } from "../../src/identity/first-user.ts"
import { OWNER, useServer } from "./server.ts"

const create = (server: ReturnType<typeof useServer>, body: unknown) =>
  server.call("POST", "/api/v2/users/first", { body })

const tokenOf = (server: ReturnType<typeof useServer>) =>
  server.runtime.runPromise(Effect.flatMap(FirstUser, ({ setupToken }) => setupToken))

/** Makes the requests, and lets them go on when each of them has seen that there is no user and waits to be the one. */
const whileNobodyCanInsert = <A>(requests: () => ReadonlyArray<Promise<A>>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`lock table users in share row exclusive mode`
        const sent = requests()
        const waiting = sql<{ count: number }>`
          select count(*) from pg_locks where not granted
            and database = (select oid from pg_database where datname = current_database())`
        yield* waiting.pipe(
          Effect.repeat({ until: ([row]) => row?.count === sent.length, schedule: Schedule.spaced("10 millis") }),
          Effect.timeout("20 seconds"),
        )
        return sent
      }),
    )
  })

describe("the first account", () => {
  const server = useServer({ environment: { TROUPE_DATABASE_POOL_SIZE: "30" } })

  it("is made by exactly one of twenty at once, and owns the deployment", async () => {
    expect((await server.call("GET", "/api/v2/users/first")).json).toEqual({
      needed: true,
      setup_token_required: true,
    })
    const setup_token = await tokenOf(server)
    const requests = () =>
      Array.from({ length: 20 }, (_, index) =>
        create(server, { ...OWNER, email: `${index}@example.com`, username: `user-${index}`, setup_token }),
      )
    const replies = await Promise.all(await server.runtime.runPromise(whileNobodyCanInsert(requests)))
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
    expect((await server.call("GET", "/api/v2/users/first")).json).toEqual({
      needed: false,
      setup_token_required: false,
    })

    const winner = replies.findIndex(({ status }) => status === 201)
    const { json: ids } = replies[winner]!
    const login = await server.call("POST", "/api/v2/users/login", {
      body: { email: `${winner}@EXAMPLE.com`, password: OWNER.password },
    })
    const { session_token } = login.json as { session_token: string }
    const { json: user } = await server.call("GET", "/api/v2/users/me", { token: session_token })
    const { user_id, organization_id } = ids as { user_id: string; organization_id: string }
    expect(user).toMatchObject({
      id: user_id,
      username: `user-${winner}`,
      organization_ids: [organization_id],
      roles: [{ name: "owner", display_name: "Owner" }],
    })
    // He delegates to agents without a further step, and the record has him and nobody of the nineteen.
    const { recorded, roles } = await server.runtime.runPromise(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        return {
          recorded:
            yield* sql`select resource_type, action, actor_kind, actor_name from audit_log order by resource_type, action`,
          roles: yield* sql`select roles from organization_members`,
        }
      }),
    )
    const byHimself = { actor_kind: "person", actor_name: `user-${winner}` }
    expect(recorded).toEqual([
      { resource_type: "organization_member", action: "create", ...byHimself },
      { resource_type: "user", action: "login", ...byHimself },
      { resource_type: "user", action: "register", ...byHimself },
    ])
    expect(roles).toEqual([{ roles: ["agents-access"] }])
  })
})

describe("making it", () => {
  const server = useServer()

  it("needs the token that was printed, and a password that is not tried first", async () => {
    const without = await create(server, OWNER)
    expect(without.status).toBe(403)
    expect(without.json).toMatchObject({ validations: [{ field: "setup_token" }] })
    expect((await create(server, { ...OWNER, setup_token: "guess" })).status).toBe(403)

    const setup_token = await tokenOf(server)
    expect(server.log()).not.toContain(setup_token)
    for (const password of ["12345678", "password123", OWNER.email, "Owner-1234"]) {
      const weak = await create(server, { ...OWNER, setup_token, password })
      expect(weak.status).toBe(400)
      expect(weak.json).toMatchObject({ validations: [{ field: "password" }] })
      expect(weak.text).not.toContain(password)
    }
    expect((await create(server, { ...OWNER, setup_token })).status).toBe(201)
  })
})

describe("from the environment", () => {
  const server = useServer({
    environment: {
      TROUPE_FIRST_USER_EMAIL: OWNER.email,
      TROUPE_FIRST_USER_USERNAME: OWNER.username,
      TROUPE_FIRST_USER_PASSWORD: OWNER.password,
    },
  })

  it("is made once, by starts at the same time and later ones", async () => {
    const ensure = Effect.flatMap(FirstUser, ({ ensureConfigured }) => ensureConfigured)
    await server.runtime.runPromise(Effect.all([ensure, ensure, ensure], { concurrency: "unbounded" }))
    await server.runtime.runPromise(ensure)
    expect((await server.call("POST", "/api/v2/users/login", { body: OWNER })).status).toBe(201)
    expect((await create(server, OWNER)).status).toBe(409)
  })
})

describe.each([
  ["nine char", "must have at least 10 characters."],
  ["password123", "must be harder to guess: it is one of those that are tried first."],
  ["owner@EXAMPLE.com", "must be another than your name."],
])("from an environment with the password %s", (password, fault) => {
  const server = useServer({
    environment: {
      TROUPE_FIRST_USER_EMAIL: OWNER.email,
      TROUPE_FIRST_USER_USERNAME: OWNER.username,
      TROUPE_FIRST_USER_PASSWORD: password,
    },
  })
  const ensure = Effect.flatMap(FirstUser, ({ ensureConfigured }) => ensureConfigured)

  it("fails with the variable and the reason, without the password, while there is no account", async () => {
    const error = await server.runtime.runPromise(Effect.flip(ensure))
    expect(error.message).toBe(`TROUPE_FIRST_USER_PASSWORD ${fault}`)
    await create(server, { ...OWNER, setup_token: await tokenOf(server) })
    await server.runtime.runPromise(ensure)
  })
})
