import { Effect, Either, ParseResult, Schema } from "effect"
import { ChangePasswordRequest, CreateUserRequest } from "../contract/identity.ts"
import type { UserRow } from "../db/identity/users.ts"
import { Accounts } from "../identity/accounts.ts"
import { FirstUser } from "../identity/first-user.ts"
import { OPERATOR } from "../identity/operator.ts"
import { Organizations } from "../identity/organizations.ts"
import { SITE_OWNER } from "../identity/roles.ts"
import { isFaults } from "../identity/search-query.ts"
import { readUserQuery } from "../identity/user-query.ts"
import { Users } from "../identity/users.ts"
import { minute, plural, type Said, table } from "./output.ts"
import { readPassword } from "./password.ts"
import { named, Refused } from "./refusal.ts"

/** `troupe users`: the same services that answer `/api/v2/users`, and the same rules. */

const shown = (row: UserRow) => ({
  id: row.id,
  username: row.username,
  email: row.email,
  name: row.name,
  status: row.status,
  login_type: row.login_type,
  is_service_account: row.is_service_account,
  roles: row.site_roles,
  organization_ids: row.organization_ids,
  created_at: row.created_at,
  last_seen_at: row.last_seen_at,
})

const HEADS = ["USERNAME", "E-MAIL", "STATUS", "ROLES", "LAST SEEN"]

const lineOf = (row: UserRow) => [
  row.username,
  row.email || (row.is_service_account ? "(service account)" : ""),
  row.status,
  row.site_roles.join(", "),
  minute(row.last_seen_at),
]

const said = (row: UserRow, text: string): Said => ({ json: shown(row), text })

/** What was typed, held against the same rules as a request. */
const decoded = <A, I>(schema: Schema.Schema<A, I>, value: unknown) => {
  const result = Schema.decodeUnknownEither(schema)(value)
  if (Either.isRight(result)) return Effect.succeed(result.right)
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(result.left)
  return new Refused({ message: `The field ${issue?.path.join(".") ?? ""} ${issue?.message ?? "cannot be used"}.` })
}

export const listUsers = (options: { readonly query: string; readonly limit: number; readonly offset: number }) =>
  Effect.gen(function* () {
    const filter = readUserQuery(options.query)
    if (isFaults(filter)) {
      const [fault] = filter
      return yield* new Refused({
        message: `The search "${options.query}" cannot be used: ${fault?.field} ${fault?.detail}.`,
      })
    }
    const { rows, count } = yield* (yield* Accounts).list(OPERATOR, filter, options)
    return {
      json: { users: rows.map(shown), count },
      text: rows.length === 0 ? "There is no such user." : table(HEADS, rows.map(lineOf)),
      ...(rows.length < count && { note: `${rows.length} of ${plural(count, "user")}.` }),
    } satisfies Said
  })

export interface CreateOptions {
  readonly email?: string
  readonly name?: string
  readonly owner?: boolean
  readonly serviceAccount?: boolean
  readonly loginType: string
  readonly organization?: ReadonlyArray<string>
  readonly passwordStdin?: boolean
}

/** The first account owns the deployment, whether that is asked for or not: nobody else could give anybody a role. */
const createFirst = Effect.fnUntraced(function* (request: CreateUserRequest) {
  const { email = "", username, name = "", password } = request
  if (password === undefined || email === "") {
    return yield* new Refused({
      message: "The first account is the owner's: it has an e-mail address and a password, and is no service account.",
    })
  }
  yield* (yield* FirstUser).createAtHand({ email, username, name, password })
  return yield* (yield* Users).get(OPERATOR, username)
})

const organizationIds = (references: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const organizations = yield* Organizations
    return yield* Effect.forEach(references, (reference) =>
      organizations.get(OPERATOR, reference).pipe(
        Effect.map(({ id }) => id),
        Effect.mapError(() => new Refused({ message: `There is no organization ${reference}. Give a name or an id.` })),
      ),
    )
  })

export const createUser = (username: string, options: CreateOptions) =>
  Effect.gen(function* () {
    const asked = {
      username,
      ...(options.email !== undefined && { email: options.email }),
      ...(options.name !== undefined && { name: options.name }),
      ...(options.serviceAccount === true ? { service_account: true } : { login_type: options.loginType }),
      organization_ids: yield* organizationIds(options.organization ?? []),
    }
    // Before a password is asked for that would be for nothing.
    yield* decoded(CreateUserRequest, asked)
    const needsPassword = options.serviceAccount !== true && options.loginType === "password"
    const request = yield* decoded(CreateUserRequest, {
      ...asked,
      ...(needsPassword && { password: yield* readPassword(options.passwordStdin === true) }),
    })
    const first = yield* (yield* FirstUser).needed
    const row = first
      ? yield* createFirst(request)
      : yield* (yield* Accounts).create(OPERATOR, request, options.owner === true ? [SITE_OWNER] : [])
    const what = row.is_service_account ? "service account" : row.site_roles.includes(SITE_OWNER) ? "owner" : "user"
    return said(row, `The ${what} ${row.username} was made.`)
  })

export const setUserStatus = (reference: string, status: "active" | "suspended") =>
  Effect.gen(function* () {
    const row = yield* (yield* Accounts).setStatus(OPERATOR, reference, status).pipe(named(reference))
    return said(row, `The user ${row.username} is ${row.status}.`)
  })

export const deleteUser = (reference: string) =>
  Effect.gen(function* () {
    const row = yield* (yield* Users).get(OPERATOR, reference).pipe(named(reference))
    yield* (yield* Accounts).remove(OPERATOR, row.id).pipe(named(reference))
    return {
      json: { id: row.id, username: row.username, deleted: true },
      text: `The user ${row.username} was deleted.`,
    }
  })

export const resetPassword = (reference: string, options: { readonly passwordStdin?: boolean }) =>
  Effect.gen(function* () {
    const row = yield* (yield* Users).get(OPERATOR, reference).pipe(named(reference))
    const request = yield* decoded(ChangePasswordRequest, {
      password: yield* readPassword(options.passwordStdin === true),
    })
    yield* (yield* Accounts).setPassword(OPERATOR, row.id, request, undefined).pipe(named(reference))
    return said(row, `The password of ${row.username} was changed, and its sessions are over.`)
  })
