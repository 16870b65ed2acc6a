import { HttpApi, OpenApi } from "@effect/platform"
import { Context, Option } from "effect"
import { COMMON_ANSWERS, type EndpointTraits } from "../contract/common-answers.ts"
import { ErrorBody } from "../contract/errors.ts"
import { IDEMPOTENCY_KEY, Public, Requires } from "../contract/routes/access.ts"
import { ChatStreamEvent, WatchEvent } from "../contract/stream.ts"
import { SESSION_COOKIE } from "./auth.ts"
import { PLACEHOLDERS } from "../contract/reference/reference.ts"
import { references, TroupeApi } from "./families.ts"
import { describeOperation, type Operation } from "./operation-reference.ts"

const securitySchemes: OpenApi.OpenAPIComponents["securitySchemes"] = {
  sessionToken: {
    type: "apiKey",
    in: "header",
    name: "Coder-Session-Token",
    description: "The session_token that POST /users/login answers with.",
  },
  bearer: { type: "http", scheme: "bearer", description: "The same token as Authorization: Bearer." },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description: "Set by POST /users/login for browsers. Writes must come from a page of this server.",
  },
}

/** Any one of them is enough. */
const anySession = Object.keys(securitySchemes).map((name) => ({ [name]: [] }))

type Reflected = Parameters<Parameters<typeof HttpApi.reflect>[1]["onEndpoint"]>[0]

const traitsOf = ({
  endpoint,
  mergedAnnotations: annotations,
}: Pick<Reflected, "endpoint" | "mergedAnnotations">): EndpointTraits => ({
  isPublic: Context.get(annotations, Public),
  isRestricted: Context.get(annotations, Requires) !== undefined,
  changes: endpoint.method !== "GET",
  hasParameters: Option.isSome(endpoint.pathSchema) || Option.isSome(endpoint.urlParamsSchema),
  hasBody: Option.isSome(endpoint.payloadSchema),
})

/** By operation id. */
const endpointsOfAll = (): ReadonlyMap<string, Reflected> => {
  const endpoints = new Map<string, Reflected>()
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: (reflected) => {
      endpoints.set(`${reflected.group.identifier}.${reflected.endpoint.name}`, reflected)
    },
  })
  return endpoints
}

const aboutEndpoint = ({ group, endpoint }: Reflected) => {
  const about = references[group.identifier]?.endpoints[endpoint.name]
  if (about === undefined) throw new TypeError(`nothing is said about ${group.identifier}.${endpoint.name}`)
  return about
}

/** What the generator adds for input that does not decode. We answer such input with the contract's own error body. */
const GENERATED_SCHEMAS = ["HttpApiDecodeError", "Issue", "PropertyKey"]

const errorContent = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } }

const says = (description: string): OpenApi.OpenApiSpecResponse => ({ description, content: errorContent })

/** What an endpoint declares itself, without the 400 that the generator gives to all of them. */
const declaredResponses = (responses: OpenApi.OpenAPISpecResponses): OpenApi.OpenAPISpecResponses =>
  Object.fromEntries(
    Object.entries(responses)
      .filter(([status]) => status !== "400")
      .map(([status, { description, content }]) => {
        if (Number(status) >= 400) return [status, says(description)]
        return [status, content === undefined ? { description } : { description, content }]
      }),
  )

const commonResponses = (traits: EndpointTraits): OpenApi.OpenAPISpecResponses =>
  Object.fromEntries(
    Object.entries(COMMON_ANSWERS)
      .filter(([, { when }]) => when(traits))
      .map(([status, { description }]) => [status, says(description)]),
  )

const idempotencyKey: OpenApi.OpenAPISpecParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", ...IDEMPOTENCY_KEY },
  description:
    "A new text for each call, such as a UUID. For 24 hours a repeat with the same key is not carried out again but gets the same answer; while the first is under way it waits. The same key with other content is refused with 409, and so is a repeat where the answer held a secret. A call that failed leaves nothing: its repeat is tried anew.",
}

const INTRODUCTION =
  "Sign in with POST /api/v2/users/login and send its `session_token` as the header `Coder-Session-Token` or as a bearer token. Requests and answers are JSON; every error has a `message` for people and names the fields at fault in `validations`. Streams are described in /api/v2/asyncapi.json. Ids in the examples stand for what the reader has: `x-placeholders` lists them."

interface Tag extends OpenApi.OpenAPISpecTag {
  /** What the family is called, for people. */
  readonly "x-title": string
}

const tags = (): Array<Tag> =>
  Object.entries(references).map(([name, { title, about }]) => ({ name, description: about, "x-title": title }))

/** The standard document, with fields of our own beside those of the standard. */
interface Document extends OpenApi.OpenAPISpec {
  tags: Array<Tag>
  /** What the examples name in place of what their reader has. */
  "x-placeholders": typeof PLACEHOLDERS
}

/** The OpenAPI 3.1 document of the declared routes, with who may call them and the schemas of the stream's events. */
export const openApiDocument = (): Document => {
  const document = OpenApi.fromApi(
    TroupeApi.annotate(HttpApi.AdditionalSchemas, [ErrorBody, ChatStreamEvent, WatchEvent]),
  )
  const { schemas } = document.components
  const endpoints = endpointsOfAll()
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values<Operation>(methods)) {
      const reflected = endpoints.get(operation.operationId)
      if (reflected === undefined) throw new TypeError(`no endpoint is declared as ${operation.operationId}`)
      const own = traitsOf(reflected)
      operation.security = own.isPublic ? [] : anySession
      operation.responses = { ...commonResponses(own), ...declaredResponses(operation.responses) }
      if (own.changes) operation.parameters.push(idempotencyKey)
      describeOperation(operation, reflected.endpoint, aboutEndpoint(reflected), schemas)
    }
  }
  for (const name of GENERATED_SCHEMAS) delete schemas[name]
  document.components.securitySchemes = securitySchemes
  document.info.description = INTRODUCTION
  return { ...document, tags: tags(), "x-placeholders": PLACEHOLDERS }
}
