import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { ChatServer } from "../support/chat-server.ts"
import { type Client, textContent } from "../support/client.ts"
import type { Call, Person, Prepare } from "./mutating-call.ts"

/** Every mutating route about people, each made possible for somebody. What it did is told by the audit log. */

const PASSWORD = "a long enough password"

const idOf = (body: unknown): string => String((body as { readonly id: unknown }).id)

export const mutationsOfPeople = (server: ChatServer): Readonly<Record<string, Prepare>> => {
  let made = 0
  const fresh = (name: string) => `${name}-${(made += 1)}`

  const count = async (statement: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<unknown>, unknown>) =>
    (await server.database.run(Effect.flatMap(SqlClient.SqlClient, statement))).length

  /** Rows about one thing, from now on. */
  const audited = async (type: string, target: string): Promise<() => Promise<number>> => {
    const rows = () =>
      count((sql) => sql`select from audit_log where resource_type = ${type} and resource_target = ${target}`)
    const before = await rows()
    return async () => (await rows()) - before
  }

  const request = (client: Client, method: string, path: string, body?: unknown) => (key: string) =>
    client.call(method, path, { headers: { "idempotency-key": key }, ...(body !== undefined && { body }) })

  const user = async ({ client }: Person, more: Record<string, unknown> = {}) => {
    const username = fresh("person")
    const body = { username, email: `${username}@people.example`, password: PASSWORD, ...more }
    return { username, id: idOf((await client.call("POST", "/users", { body })).body) }
  }
  const organization = async ({ client }: Person) => {
    const name = fresh("organization")
    return { name, id: idOf((await client.call("POST", "/organizations", { body: { name } })).body) }
  }
  const group = async (person: Person) => {
    const name = fresh("group")
    const path = "/organizations/default/groups"
    return { name, id: idOf((await person.client.call("POST", path, { body: { name } })).body) }
  }
  const role = async ({ client }: Person, path: string) => {
    const name = fresh("role")
    await client.call("POST", path, { body: { name } })
    return name
  }
  const token = async ({ client }: Person) => {
    const token_name = fresh("token")
    return { token_name, id: idOf((await client.call("POST", "/users/me/keys/tokens", { body: { token_name } })).body) }
  }

  /** A change of an account of its own. */
  const ofUser =
    (method: string, path: string, body?: unknown, other?: unknown): Prepare =>
    async (person) => {
      const { username, id } = await user(person)
      const at = `/users/${id}${path}`
      const call: Call = {
        run: request(person.client, method, at, body),
        applied: await audited("user", username),
        ...(other !== undefined && { other: request(person.client, method, at, other) }),
      }
      return call
    }

  const setting =
    (path: string, body: Record<string, unknown>, other: Record<string, unknown>): Prepare =>
    async (person) => {
      const { id } = await user(person)
      const at = `/users/${id}${path}`
      return {
        run: request(person.client, "PUT", at, body),
        other: request(person.client, "PUT", at, other),
        applied: () => count((sql) => sql`select from users where id = ${id} and preferences <> '{}'`),
      }
    }

  const SITE_ROLES = "/users/roles"
  const ORGANIZATION_ROLES = "/organizations/default/members/roles"
  const makesRole =
    (path: string): Prepare =>
    async ({ client }) => {
      const name = fresh("role")
      return {
        run: request(client, "POST", path, { name }),
        other: request(client, "POST", path, { name, display_name: "Other" }),
        applied: await audited("custom_role", name),
      }
    }
  const changesRole =
    (path: string): Prepare =>
    async (person) => {
      const name = await role(person, path)
      return {
        run: request(person.client, "PUT", path, { name, display_name: "New" }),
        other: request(person.client, "PUT", path, { name, display_name: "Other" }),
        applied: await audited("custom_role", name),
      }
    }
  const removesRole =
    (path: string): Prepare =>
    async (person) => {
      const name = await role(person, path)
      return {
        run: request(person.client, "DELETE", `${path}/${name}`),
        applied: await audited("custom_role", name),
      }
    }

  return {
    "POST /users": async ({ client }) => {
      const username = fresh("person")
      const body = { username, email: `${username}@people.example`, password: PASSWORD }
      return {
        run: request(client, "POST", "/users", body),
        other: request(client, "POST", "/users", { ...body, name: "Other" }),
        applied: await audited("user", username),
      }
    },
    "DELETE /users/:user": ofUser("DELETE", ""),
    "PUT /users/:user/profile": async (person) => {
      const { username, id } = await user(person)
      const put = (name: string) => request(person.client, "PUT", `/users/${id}/profile`, { username, name })
      return { run: put("New"), other: put("Other"), applied: await audited("user", username) }
    },
    "PUT /users/:user/status/suspend": ofUser("PUT", "/status/suspend"),
    "PUT /users/:user/status/activate": ofUser("PUT", "/status/activate"),
    "PUT /users/:user/password": ofUser(
      "PUT",
      "/password",
      { password: "another long password" },
      { password: "yet another long password" },
    ),
    "PUT /users/:user/roles": ofUser("PUT", "/roles", { roles: ["auditor"] }, { roles: ["user-admin"] }),
    "PUT /users/:user/appearance": async (person) => {
      const own = setting("/appearance", { theme_preference: "dark" }, { theme_preference: "light" })
      return own(person)
    },
    "PUT /users/:user/preferences": setting(
      "/preferences",
      { task_notification_alert_dismissed: true },
      { task_notification_alert_dismissed: false },
    ),
    "DELETE /users/:user/sessions": async ({ client, id, email, password }) => {
      await client.call("POST", "/users/login", { body: { email, password } })
      const sessions = () => count((sql) => sql`select from api_keys where user_id = ${id} and kind = 'session'`)
      const before = await sessions()
      return {
        run: request(client, "DELETE", "/users/me/sessions"),
        applied: async () => (before > 1 && (await sessions()) < before ? 1 : 0),
      }
    },
    "POST /users/:user/keys/tokens": async ({ client }) => {
      const token_name = fresh("token")
      return {
        run: request(client, "POST", "/users/me/keys/tokens", { token_name }),
        other: request(client, "POST", "/users/me/keys/tokens", { token_name, lifetime_days: 2 }),
        applied: await audited("api_key", token_name),
        secret: true,
      }
    },
    "DELETE /users/:user/keys/:key": async (person) => {
      const { id, token_name } = await token(person)
      return {
        run: request(person.client, "DELETE", `/users/me/keys/${id}`),
        applied: await audited("api_key", token_name),
      }
    },
    "PUT /users/:user/keys/:key/expire": async (person) => {
      const { id, token_name } = await token(person)
      return {
        run: request(person.client, "PUT", `/users/me/keys/${id}/expire`),
        applied: await audited("api_key", token_name),
      }
    },
    "POST /organizations": async ({ client }) => {
      const name = fresh("organization")
      return {
        run: request(client, "POST", "/organizations", { name }),
        other: request(client, "POST", "/organizations", { name, description: "Other" }),
        applied: await audited("organization", name),
      }
    },
    "PATCH /organizations/:organization": async (person) => {
      const { name, id } = await organization(person)
      const patch = (description: string) => request(person.client, "PATCH", `/organizations/${id}`, { description })
      return { run: patch("New"), other: patch("Other"), applied: await audited("organization", name) }
    },
    "DELETE /organizations/:organization": async (person) => {
      const { name, id } = await organization(person)
      return {
        run: request(person.client, "DELETE", `/organizations/${id}`),
        applied: await audited("organization", name),
      }
    },
    "PATCH /organizations/:organization/settings/workspace-sharing": async (person) => {
      const { name, id } = await organization(person)
      const at = `/organizations/${id}/settings/workspace-sharing`
      const patch = (owners: string) => request(person.client, "PATCH", at, { shareable_workspace_owners: owners })
      return { run: patch("none"), other: patch("service_accounts"), applied: await audited("organization", name) }
    },
    "POST /organizations/:organization/members/:user": async (person) => {
      const { name } = await organization(person)
      const { username } = await user(person)
      return {
        run: request(person.client, "POST", `/organizations/${name}/members/${username}`),
        applied: await audited("organization_member", username),
      }
    },
    "DELETE /organizations/:organization/members/:user": async (person) => {
      const { username } = await user(person)
      return {
        run: request(person.client, "DELETE", `/organizations/default/members/${username}`),
        applied: await audited("organization_member", username),
      }
    },
    "PUT /organizations/:organization/members/:user/roles": async (person) => {
      const { username } = await user(person)
      const put = (roles: ReadonlyArray<string>) =>
        request(person.client, "PUT", `/organizations/default/members/${username}/roles`, { roles })
      return {
        run: put([]),
        other: put(["organization-admin"]),
        applied: await audited("organization_member", username),
      }
    },
    "POST /organizations/:organization/groups": async ({ client }) => {
      const name = fresh("group")
      const at = "/organizations/default/groups"
      return {
        run: request(client, "POST", at, { name }),
        other: request(client, "POST", at, { name, display_name: "Other" }),
        applied: await audited("group", name),
      }
    },
    "PATCH /groups/:group": async (person) => {
      const { name, id } = await group(person)
      const patch = (display_name: string) => request(person.client, "PATCH", `/groups/${id}`, { display_name })
      return { run: patch("New"), other: patch("Other"), applied: await audited("group", name) }
    },
    "DELETE /groups/:group": async (person) => {
      const { name, id } = await group(person)
      return { run: request(person.client, "DELETE", `/groups/${id}`), applied: await audited("group", name) }
    },
    "POST /users/roles": makesRole(SITE_ROLES),
    "PUT /users/roles": changesRole(SITE_ROLES),
    "DELETE /users/roles/:role": removesRole(SITE_ROLES),
    "POST /organizations/:organization/members/roles": makesRole(ORGANIZATION_ROLES),
    "PUT /organizations/:organization/members/roles": changesRole(ORGANIZATION_ROLES),
    "DELETE /organizations/:organization/members/roles/:role": removesRole(ORGANIZATION_ROLES),
    "POST /authcheck": async ({ client }) => {
      const check = (action: string) => ({ checks: { one: { object: { resource_type: "chat" }, action } } })
      let asked = 0
      const ask = (action: string) => async (key: string) => {
        const reply = await request(client, "POST", "/authcheck", check(action))(key)
        // It changes nothing, so that once is as often as ever.
        if (reply.status === 200) asked = 1
        return reply
      }
      return { run: ask("read"), other: ask("update"), applied: () => Promise.resolve(asked) }
    },
    "PATCH /chats/:chat/acl": async (person) => {
      const { client, organizationId } = person
      const body = { organization_id: organizationId, content: textContent("answer at once") }
      const chatId = idOf((await client.call("POST", "/chats", { body })).body)
      const { id } = await user(person)
      const patch = (role: string) => request(client, "PATCH", `/chats/${chatId}/acl`, { user_roles: { [id]: role } })
      const applied = await audited("chat", chatId.slice(0, 8))
      return { run: patch("read"), other: patch(""), applied }
    },
  }
}
