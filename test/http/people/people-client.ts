import { Schema } from "effect"
import { User } from "../../../src/contract/identity.ts"
import { CreateTokenResponse } from "../../../src/contract/tokens.ts"
import { Client } from "../../support/client.ts"

/** Accounts made over the API, as administrators make them. */

export const PASSWORD = "a staple and a horse"

export const userBody = (username: string, more: Record<string, unknown> = {}) => ({
  username,
  email: `${username}@example.com`,
  password: PASSWORD,
  ...more,
})

export const addUser = (as: Client, username: string, more: Record<string, unknown> = {}) =>
  as.expect(User, 201, "POST", "/users", { body: userBody(username, more) })

/** Makes the account and signs it in. */
export const joined = async (as: Client, username: string, url: string, siteRoles: ReadonlyArray<string> = []) => {
  const user = await addUser(as, username)
  if (siteRoles.length > 0) await as.expect(User, 200, "PUT", `/users/${user.id}/roles`, { body: { roles: siteRoles } })
  return { user, client: await Client.signIn(url, { email: user.email, password: PASSWORD }) }
}

export const tokenFor = async (as: Client, user: string, url: string, body: Record<string, unknown> = {}) => {
  const made = await as.expect(CreateTokenResponse, 201, "POST", `/users/${user}/keys/tokens`, { body })
  return { id: made.id, client: new Client(url, made.key) }
}

const Refusal = Schema.Struct({
  message: Schema.String,
  validations: Schema.optional(Schema.Array(Schema.Struct({ field: Schema.String }))),
})

/** The status, and the fields that an error names. Each error is a sentence. */
export const refusalOf = async (client: Client, method: string, path: string, body?: unknown) => {
  const reply = await client.call(method, path, body === undefined ? {} : { body })
  if (reply.status < 400) return [reply.status]
  const { message, validations = [] } = Schema.decodeUnknownSync(Refusal)(reply.body)
  if (!/^\S.*[.?!]$/s.test(message)) throw new Error(`${method} ${path} says no sentence: ${message}`)
  return [reply.status, ...validations.map(({ field }) => field)]
}
