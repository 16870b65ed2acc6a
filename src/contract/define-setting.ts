import { HttpApiEndpoint } from "@effect/platform"
import { Either, ParseResult, Schema } from "effect"
import { Requires } from "./routes/access.ts"

/** A setting of the deployment: what administrators change while it runs. */

/** `tool-policy` as `ToolPolicy`. */
type Titled<Name extends string> = Name extends `${infer Word}-${infer Rest}`
  ? `${Capitalize<Word>}${Titled<Rest>}`
  : Capitalize<Name>

const titled = <const Name extends string>(name: Name): Titled<Name> => {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  // What the compiler works out of the same name.
  return words.join("") as Titled<Name>
}

type AnyStruct = Schema.Schema.AnyNoContext & { readonly fields: Schema.Struct.Fields }

/** What is kept, and how it is read back. */
export interface Setting<Value> {
  /** Names it in the database. */
  readonly key: string
  /** Counts while nothing is stored. */
  readonly default: Value
  /** Counts while what is stored cannot be read. */
  readonly unreadable: Value
  /** Left: the fields at fault; never what stands in them. */
  readonly decode: (stored: unknown) => Either.Either<Value, ReadonlyArray<string>>
  encode(value: Value): unknown
}

const faultsOf = ({ issue }: ParseResult.ParseError): ReadonlyArray<string> => {
  const places = ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ path }) => path.join("."))
  return [...new Set(places)].map((place) => place || "the whole of it")
}

/**
 * Makes of one declaration all there is to a setting: `GET` and `PUT /chats/config/{name}` and their place in the document, who may
 * call them, what is stored and how it is read. `DeploymentSettings` reads and writes it; `deployment-settings.ts` lists it.
 */
export const defineSetting = <const Name extends string, Body extends AnyStruct, Stored = never>(definition: {
  /** Its place in the address: words with hyphens. */
  readonly name: Name
  /** Its place in the database; not to be changed once there are any. */
  readonly key: string
  /** The body of both calls, and what the service gives. */
  readonly schema: Body
  readonly default: Schema.Schema.Type<Body>
  /** What counts when the stored value cannot be read. The default, unless that would allow too much. */
  readonly unreadable?: Schema.Schema.Type<Body>
  /** How it is stored, where that is not as the body is. */
  readonly stored?: Schema.Schema<Schema.Schema.Type<Body>, Stored>
  /** Who may read it: anybody with a session, or who has this permission. Changing it takes `deployment_config:update`. */
  readonly requires: "session" | "deployment_config:read" | "deployment_config:update"
}) => {
  const { name, key, schema, requires } = definition
  const path = `/chats/config/${name}` as const
  const kept = definition.stored ?? schema
  const decode = Schema.decodeUnknownEither(kept, { errors: "all" })
  const encode = Schema.encodeSync(kept)
  const shown = Schema.extend(
    schema,
    Schema.Struct({
      /** What is stored cannot be read, so another value counts until the setting is saved anew; absent otherwise. */
      is_malformed: Schema.optionalWith(Schema.Literal(true), { exact: true }),
    }),
  )
  return {
    key,
    default: definition.default,
    unreadable: definition.unreadable ?? definition.default,
    decode: (stored: unknown) => Either.mapLeft(decode(stored), faultsOf),
    encode: (value: Schema.Schema.Type<Body>): unknown => encode(value),
    get: HttpApiEndpoint.get(`get${titled(name)}`, path)
      .addSuccess(shown)
      .annotate(Requires, requires === "session" ? undefined : requires),
    put: HttpApiEndpoint.put(`put${titled(name)}`, path)
      .setPayload(schema)
      .addSuccess(Schema.Void, { status: 204 })
      .annotate(Requires, "deployment_config:update"),
  }
}
