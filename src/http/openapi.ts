import { HttpApi, OpenApi } from "@effect/platform"
import { Context, Option } from "effect"
import { COMMON_ANSWERS, type EndpointTraits } from "../contract/common-answers.ts"
import { ErrorBody } from "../contract/errors.ts"
import { IDEMPOTENCY_KEY, Public, Requires } from "../contract/routes/access.ts"
import { ChatStreamEvent, ChatWatchEvent } from "../contract/stream.ts"
import { SESSION_COOKIE } from "./auth.ts"
import { TroupeApi } from "./families.ts"

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
const traitsOfAll = (): ReadonlyMap<string, EndpointTraits> => {
  const traits = new Map<string, EndpointTraits>()
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: (reflected) => {
      traits.set(`${reflected.group.identifier}.${reflected.endpoint.name}`, traitsOf(reflected))
    },
  })
  return traits
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

/** The OpenAPI 3.1 document of the declared routes, with who may call them and the schemas of the stream's events. */
export const openApiDocument = (): OpenApi.OpenAPISpec => {
  const document = OpenApi.fromApi(
    TroupeApi.annotate(HttpApi.AdditionalSchemas, [ErrorBody, ChatStreamEvent, ChatWatchEvent]),
  )
  const traits = traitsOfAll()
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods)) {
      const own = traits.get(operation.operationId)
      if (own === undefined) throw new TypeError(`no endpoint is declared as ${operation.operationId}`)
      operation.security = own.isPublic ? [] : anySession
      operation.responses = { ...commonResponses(own), ...declaredResponses(operation.responses) }
      if (own.changes) operation.parameters.push(idempotencyKey)
    }
  }
  for (const name of GENERATED_SCHEMAS) delete document.components.schemas[name]
  document.components.securitySchemes = securitySchemes
  return document
}
