import type { HttpApi, OpenApi } from "@effect/platform"
import { JSONSchema, Option, Predicate, Schema, SchemaAST } from "effect"
import { PATH_PARAMETERS, type Permission, PERMISSIONS } from "../contract/reference/reference.ts"

/** What people read of an endpoint (`contract/reference/`), put into its operation of the document. */

type ReflectedEndpoint = Parameters<Parameters<typeof HttpApi.reflect>[1]["onEndpoint"]>[0]["endpoint"]

/** An entry of a table, once the table has been held against its family. */
export interface AnyEndpointReference {
  readonly summary: string
  readonly description: string
  readonly permission: Permission
  readonly refusals: Readonly<Record<string, string>>
  readonly secrets?: ReadonlyArray<string>
  readonly query?: Readonly<Record<string, string>>
  readonly fields?: Readonly<Record<string, string>>
  readonly example: { readonly path?: unknown; readonly urlParams?: unknown; readonly payload?: unknown }
}

export interface FamilyReference {
  readonly title: string
  readonly about: string
  readonly endpoints: Readonly<Record<string, AnyEndpointReference>>
}

export interface Parameter extends Omit<OpenApi.OpenAPISpecParameter, "schema"> {
  schema: object
  /** As it stands in the address. */
  example?: unknown
}

export interface Operation extends Omit<OpenApi.OpenAPISpecOperation, "parameters"> {
  parameters: Array<Parameter>
  /** In one word, of `PERMISSIONS`. */
  "x-permission"?: Permission
  /** Fields of the body or of the answer that hold a secret. */
  "x-secrets"?: ReadonlyArray<string>
}

type AnySchema = Option.Option<Schema.Schema.All>

/** Of the declared schema, since that of the generator says of a number only that it is written as text. */
const typesOf = (schema: AnySchema): Readonly<Record<string, object>> => {
  if (Option.isNone(schema)) return {}
  const made = JSONSchema.fromAST(SchemaAST.typeAST(schema.value.ast), {
    definitions: {},
    topLevelReferenceStrategy: "skip",
  })
  return "properties" in made ? made.properties : {}
}

const encoded = (schema: AnySchema, value: unknown): Readonly<Record<string, unknown>> =>
  Option.isNone(schema) || value === undefined
    ? {}
    : // What the tables hold is of the schema's type, and needs no service to be written down.
      (Schema.encodeUnknownSync(schema.value as Schema.Schema<unknown>)(value) as Readonly<Record<string, unknown>>)

const described = (
  parameter: Parameter,
  { pathSchema, urlParamsSchema }: ReflectedEndpoint,
  { query = {}, example }: AnyEndpointReference,
): Parameter => {
  const { name } = parameter
  const [schema, value, words] =
    parameter.in === "path"
      ? [pathSchema, example.path, PATH_PARAMETERS]
      : parameter.in === "query"
        ? [urlParamsSchema, example.urlParams, query]
        : [Option.none(), undefined, {}]
  // Numbers are shown as numbers: that they can be written into an address is what the schema says.
  encoded(schema, value)
  const shown = Predicate.isRecord(value) ? value[name] : undefined
  return {
    ...parameter,
    schema: typesOf(schema)[name] ?? parameter.schema,
    ...(words[name] !== undefined && { description: words[name] }),
    ...(shown !== undefined && { example: shown }),
  }
}

type Schemas = OpenApi.OpenAPIComponents["schemas"]

const REFERENCE = "#/components/schemas/"

/** The properties of a body, which may be a schema with a name. */
const propertiesOf = (body: object, schemas: Schemas): Record<string, object> => {
  const named = "$ref" in body && typeof body.$ref === "string" ? schemas[body.$ref.slice(REFERENCE.length)] : body
  return named !== undefined && "properties" in named ? (named.properties as Record<string, object>) : {}
}

/** What a success says: the schema of its body says the rest. */
const ANSWERS: Readonly<Record<string, string>> = {
  200: "What was asked for.",
  201: "It was made; this is it.",
  202: "It was taken, and is carried out.",
  204: "It is done; the answer is empty.",
}

/** Writes into an operation, and beside the fields of its body, what there is to say about them. */
export const describeOperation = (
  operation: Operation,
  endpoint: ReflectedEndpoint,
  about: AnyEndpointReference,
  schemas: Schemas,
): void => {
  operation.summary = about.summary
  operation.description = `${about.description}\n\nWho may: ${PERMISSIONS[about.permission]}`
  operation["x-permission"] = about.permission
  if (about.secrets !== undefined) operation["x-secrets"] = about.secrets
  operation.parameters = operation.parameters.map((parameter) => described(parameter, endpoint, about))
  const content = operation.requestBody?.content["application/json"]
  if (content !== undefined) {
    Object.assign(content, { example: encoded(endpoint.payloadSchema, about.example.payload) })
    const properties = propertiesOf(content.schema, schemas)
    for (const [field, words] of Object.entries(about.fields ?? {})) {
      properties[field] = { ...properties[field], description: words }
    }
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const own = about.refusals[status]
    if (own !== undefined) response.description = own
    else if (Number(status) < 300) response.description = ANSWERS[status] ?? "It is done."
  }
}
