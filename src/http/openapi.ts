import { HttpApi, OpenApi } from "@effect/platform"
import { Context, Option, SchemaAST } from "effect"
import { TroupeApi } from "../contract/api.ts"
import { BadRequest, ErrorBody } from "../contract/errors.ts"
import { IDEMPOTENCY_KEY, Public } from "../contract/routes/access.ts"
import { ChatStreamEvent, ChatWatchEvent } from "../contract/stream.ts"
import { SESSION_COOKIE } from "./auth.ts"

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

const publicOperations = (): ReadonlySet<string> => {
  const ids = new Set<string>()
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ group, endpoint, mergedAnnotations }) => {
      if (Context.get(mergedAnnotations, Public)) ids.add(`${group.identifier}.${endpoint.name}`)
    },
  })
  return ids
}

/** What the generator adds for input that does not decode. We answer such input with the contract's own error body. */
const GENERATED_SCHEMAS = ["HttpApiDecodeError", "Issue", "PropertyKey"]

const errorContent = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } }

const declaresBadRequest = (response: OpenApi.OpenApiSpecResponse): boolean =>
  JSON.stringify(response.content).includes("anyOf")

const describeErrors = (responses: OpenApi.OpenAPISpecResponses): OpenApi.OpenAPISpecResponses =>
  Object.fromEntries(
    Object.entries(responses)
      .filter(([status, response]) => status !== "400" || declaresBadRequest(response))
      .map(([status, { description, content }]) => {
        if (Number(status) < 400) return [status, content === undefined ? { description } : { description, content }]
        return [status, { description: status === "400" ? badRequest : description, content: errorContent }]
      }),
  )

const badRequest = Option.getOrElse(SchemaAST.getDescriptionAnnotation(BadRequest.ast), () => "Bad request")

const idempotencyKey: OpenApi.OpenAPISpecParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", ...IDEMPOTENCY_KEY },
  description:
    "A new text for each call, such as a UUID. For 24 hours a repeat with the same key is not carried out again but gets the same answer; while the first is under way it waits. The same key with other content is refused with 409, and so is a repeat where the answer held a secret. A call that failed leaves nothing: its repeat is tried anew.",
}

/** What any call with an Idempotency-Key may be answered. */
const keyErrors: OpenApi.OpenAPISpecResponses = {
  400: { description: badRequest, content: errorContent },
  409: {
    description: "The Idempotency-Key was used before, and the answer cannot be given again.",
    content: errorContent,
  },
}

const says = (description: string): OpenApi.OpenApiSpecResponse => ({ description, content: errorContent })

/** What any call with parameters may be answered: they come in an address that may be no address. */
const addressErrors: OpenApi.OpenAPISpecResponses = { 400: says(badRequest) }

/** What any call with a body may be answered. */
const bodyErrors: OpenApi.OpenAPISpecResponses = {
  400: says(badRequest),
  413: says("The body is too large."),
  415: says("The body is not JSON."),
}

/** What a call that changes something may be answered when a browser makes it for a page of another site. */
const foreignPageErrors: OpenApi.OpenAPISpecResponses = { 403: says("The request came from a page of another site.") }

/** The OpenAPI 3.1 document of the declared routes, with who may call them and the schemas of the stream's events. */
export const openApiDocument = (): OpenApi.OpenAPISpec => {
  const document = OpenApi.fromApi(
    TroupeApi.annotate(HttpApi.AdditionalSchemas, [ErrorBody, ChatStreamEvent, ChatWatchEvent]),
  )
  const isPublic = publicOperations()
  for (const methods of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operation.security = isPublic.has(operation.operationId) ? [] : anySession
      const declared = describeErrors(operation.responses)
      operation.responses = {
        ...(operation.parameters.length > 0 && addressErrors),
        ...(operation.requestBody !== undefined && bodyErrors),
        ...(method !== "get" && keyErrors),
        ...(method !== "get" && !isPublic.has(operation.operationId) && foreignPageErrors),
        ...declared,
      }
      if (method !== "get") operation.parameters.push(idempotencyKey)
    }
  }
  for (const name of GENERATED_SCHEMAS) delete document.components.schemas[name]
  document.components.securitySchemes = securitySchemes
  return document
}
