import { Effect, Either, ParseResult, Schema } from "effect"
import { CreateTokenRequest } from "../contract/tokens.ts"
import type { KeyRow } from "../db/identity/sessions.ts"
import { OPERATOR } from "../identity/operator.ts"
import { Tokens } from "../identity/tokens.ts"
import { minute, type Said, table } from "./output.ts"
import { named, Refused } from "./refusal.ts"

/** `troupe tokens`: API tokens of anybody. The text of a token is shown once, when it is made. */

const shown = (row: KeyRow) => ({
  id: row.id,
  token_name: row.token_name,
  username: row.username,
  scopes: row.scopes,
  created_at: row.created_at,
  last_used_at: row.last_used_at,
  expires_at: row.expires_at,
})

const lineOf = (row: KeyRow) => [
  row.username,
  row.token_name ?? "",
  row.id,
  row.scopes?.join(", ") ?? "",
  minute(row.last_used_at),
  minute(row.expires_at),
]

export const listTokens = (reference: string | undefined, options: { readonly expired?: boolean }) =>
  Effect.gen(function* () {
    const tokens = yield* Tokens
    const filter = { kind: "token", expired: options.expired === true } as const
    const rows =
      reference === undefined
        ? yield* tokens.listAll(OPERATOR, filter)
        : yield* tokens.list(OPERATOR, reference, { ...filter, all: false }).pipe(named(reference))
    return {
      json: { tokens: rows.map(shown), count: rows.length },
      text:
        rows.length === 0
          ? "There are no API tokens."
          : table(["USER", "NAME", "ID", "SCOPES", "LAST USED", "EXPIRES"], rows.map(lineOf)),
    } satisfies Said
  })

export interface CreateTokenOptions {
  readonly name?: string
  readonly days?: number
  readonly scope?: ReadonlyArray<string>
}

export const createToken = (reference: string, options: CreateTokenOptions) =>
  Effect.gen(function* () {
    const result = Schema.decodeUnknownEither(CreateTokenRequest)({
      ...(options.name !== undefined && { token_name: options.name }),
      ...(options.days !== undefined && { lifetime_days: options.days }),
      ...(options.scope !== undefined && { scopes: options.scope }),
    })
    if (Either.isLeft(result)) {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(result.left)
      return yield* new Refused({ message: `The field ${issue?.path.join(".")} ${issue?.message}.` })
    }
    const tokens = yield* Tokens
    const { id, key } = yield* tokens.create(OPERATOR, reference, result.right).pipe(named(reference))
    const row = yield* tokens.get(OPERATOR, reference, id).pipe(named(reference))
    return {
      json: { ...shown(row), key },
      text: key,
      note: `This is the token ${row.token_name} of ${row.username}, until ${minute(row.expires_at)}. It is not shown again.`,
    } satisfies Said
  })

export const revokeToken = (reference: string, token: string) =>
  Effect.gen(function* () {
    const tokens = yield* Tokens
    const missing = () => new Refused({ message: `${reference} has no API token ${token}. Give its name or its id.` })
    const row = yield* tokens.getByName(OPERATOR, reference, token).pipe(
      Effect.catchTag("IdentityNotFound", () => tokens.get(OPERATOR, reference, token)),
      Effect.catchTag("IdentityNotFound", missing),
      named(reference),
    )
    if (row.kind !== "token") return yield* missing()
    yield* tokens.remove(OPERATOR, reference, row.id).pipe(named(reference))
    return {
      json: { ...shown(row), revoked: true },
      text: `The token ${row.token_name} of ${row.username} was revoked.`,
    } satisfies Said
  })
