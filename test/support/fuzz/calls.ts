import { HttpApi, OpenApi } from "@effect/platform"
import { Context } from "effect"
import fc from "fast-check"
import { TroupeApi } from "../../../src/http/families.ts"
import { EndsSession } from "../../../src/contract/routes/access.ts"
import { isObject } from "../scripted-provider/checks.ts"
import { oddText, oddValue, writeJson } from "./odd-values.ts"
import { type Known, SchemaValues } from "./schema-values.ts"

/** Calls to every route of the declaration, made from the document that describes it: a new route is called without a word here. */

const document = OpenApi.fromApi(TroupeApi)

export interface FuzzRoute {
  readonly name: string
  readonly method: string
  /** With its parameters in braces: `/api/v2/chats/{chat}`. */
  readonly path: string
  readonly endsSession: boolean
  readonly parameters: ReadonlyArray<Parameter>
  readonly body: unknown
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: unknown
}

/** A body as bytes of the wire, with what it is said to be. */
interface Body {
  readonly text: string
  readonly type: string
}

export interface FuzzCall {
  readonly route: FuzzRoute
  readonly path: string
  readonly body: Body | undefined
  readonly session: "own" | "none" | "wrong"
  readonly idempotencyKey: string | undefined
}

const routesOfDeclaration = (): ReadonlyArray<FuzzRoute> => {
  const routes: Array<FuzzRoute> = []
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, mergedAnnotations }) => {
      const path = endpoint.path.replace(/:(\w+)/g, "{$1}")
      const method = endpoint.method.toLowerCase()
      const item = Object.entries(document.paths[path] ?? {}).find(([key]) => key === method)?.[1]
      if (!isObject(item)) throw new Error(`The document does not have ${endpoint.method} ${path}`)
      const [content] = Object.values(item.requestBody?.content ?? {})
      routes.push({
        name: endpoint.name,
        method: endpoint.method,
        path,
        endsSession: Context.get(mergedAnnotations, EndsSession),
        parameters: item.parameters,
        body: content?.schema,
      })
    },
  })
  return routes
}

export const fuzzRoutes = routesOfDeclaration()

const inAddress = (route: FuzzRoute, values: SchemaValues): fc.Arbitrary<string> => {
  const [inPath, inQuery] = ["path", "query"].map((place) =>
    route.parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema }) => [name, values.named(name, schema) ?? fc.constantFrom("1", "7")] as const),
  )
  return fc
    .tuple(
      fc.record(Object.fromEntries(inPath ?? []), { noNullPrototype: true }),
      fc.record(Object.fromEntries(inQuery ?? []), { requiredKeys: [], noNullPrototype: true }),
    )
    .map(([path, query]) => {
      const filled = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encode(path[name]))
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encode(value)}`)
      return pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`
    })
}

/** Half a surrogate pair has no form in an address. */
const encode = (value: unknown): string => encodeURIComponent(String(value).toWellFormed().slice(0, 4_000))

/** The value with another one in one of its places: a field, an entry, or a field that nobody knows. */
const withOdd = (value: unknown, place: number, odd: unknown): unknown => {
  if (Array.isArray(value) && value.length > 0) {
    const at = place % value.length
    return value.map((entry, index) => (index === at ? replaced(entry, place, odd) : entry))
  }
  if (!isObject(value)) return odd
  const names = Object.keys(value)
  const at = place % (names.length + 1)
  const name = names[at]
  if (name === undefined) return { ...value, nobody_knows: odd }
  return { ...value, [name]: replaced(value[name], Math.floor(place / (names.length + 1)), odd) }
}

const replaced = (inner: unknown, place: number, odd: unknown): unknown =>
  place % 2 === 0 || typeof inner !== "object" ? odd : withOdd(inner, Math.floor(place / 2), odd)

const JSON_TYPE = "application/json"

const brokenBody: fc.Arbitrary<Body> = fc.oneof(
  fc
    .constantFrom("", "{", "[1,2]", "null", '"text"', "{}{}", "\u0000", "nul", '{"a":1,"a":2}', "[".repeat(100_000))
    .map((text) => ({ text, type: JSON_TYPE })),
  oddText.map((text) => ({ text, type: JSON_TYPE })),
  fc
    .constantFrom("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "x")
    .map((type) => ({ text: "{}", type })),
  fc.constant({ text: JSON.stringify({ content: "x".repeat(1_200_000) }), type: JSON_TYPE }),
)

const bodyOf = (route: FuzzRoute, values: SchemaValues): fc.Arbitrary<Body | undefined> => {
  if (route.body === undefined) return fc.constant(undefined)
  const valid = values.of(route.body)
  const odd = fc.tuple(valid, fc.nat(), oddValue).map(([value, place, other]) => withOdd(value, place, other))
  return fc.oneof(
    { weight: 7, arbitrary: valid.map((value) => ({ text: writeJson(value), type: JSON_TYPE })) },
    { weight: 2, arbitrary: odd.map((value) => ({ text: writeJson(value), type: JSON_TYPE })) },
    { weight: 1, arbitrary: brokenBody },
  )
}

/** A call to this route that is well meant seven times in ten. */
export const callTo = (route: FuzzRoute, known: Known): fc.Arbitrary<FuzzCall> => {
  const values = new SchemaValues(document, known)
  return fc.record({
    route: fc.constant(route),
    path: fc.oneof(
      { weight: 19, arbitrary: inAddress(route, values) },
      { weight: 1, arbitrary: inAddress(route, new SchemaValues(document, {})) },
    ),
    body: bodyOf(route, values),
    session: fc.oneof(
      { weight: 30, arbitrary: fc.constant("own" as const) },
      { weight: 1, arbitrary: fc.constantFrom("none" as const, "wrong" as const) },
    ),
    idempotencyKey: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("a", "b", "c", "x".repeat(255), "y".repeat(256)) },
    ),
  })
}
