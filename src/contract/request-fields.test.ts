import { HttpApi } from "@effect/platform"
import { Either, Option, Schema, SchemaAST } from "effect"
import { describe, expect, it } from "vitest"
import { TroupeApi } from "../http/families.ts"
import { CreateChatRequest, SendMessageRequest, ToolResultsRequest } from "./chats.ts"
import { CreateModelConfigRequest } from "./models.ts"

/** Fields of a request that may be left out, at any depth, with the place of each. */
const optionalFields = (ast: SchemaAST.AST, at: string): ReadonlyArray<{ place: string; type: SchemaAST.AST }> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return [
        ...ast.propertySignatures.flatMap(({ name, type, isOptional }) => {
          const place = `${at}.${String(name)}`
          return [...(isOptional ? [{ place, type }] : []), ...optionalFields(type, place)]
        }),
        ...ast.indexSignatures.flatMap(({ type }) => optionalFields(type, `${at}.*`)),
      ]
    case "TupleType":
      return ast.rest.flatMap(({ type }) => optionalFields(type, `${at}[]`))
    case "Union":
      return ast.types.flatMap((type) => optionalFields(type, at))
    case "Refinement":
      return optionalFields(ast.from, at)
    default:
      return []
  }
}

const bodies: Array<{ readonly name: string; readonly schema: Schema.Schema<never, unknown> }> = []
HttpApi.reflect(TroupeApi, {
  onGroup: () => undefined,
  onEndpoint: ({ endpoint }) => {
    const name = `${endpoint.method} ${endpoint.path}`
    Option.map(endpoint.payloadSchema, (schema) => bodies.push({ name, schema }))
  },
})

describe("a field that may be left out", () => {
  const fields = bodies.flatMap(({ name, schema }) => optionalFields(SchemaAST.encodedAST(schema.ast), name))

  it("is found in every kind of request, deep ones too", () => {
    const places = fields.map(({ place }) => place)
    for (const place of [
      "POST /api/v2/chats.unsafe_dynamic_tools[].description",
      "POST /api/v2/chats.content[].file_name",
      "POST /api/v2/chats/model-configs.model_config.cost.input_price_per_million_tokens",
      "POST /api/v2/chats/:chat/tool-results.results[].is_error",
      "POST /api/v2/users/first.name",
    ])
      expect(places).toContain(place)
  })

  it("may be null, in every request", () => {
    const refuseNull = fields.filter(({ type }) => Either.isLeft(Schema.decodeUnknownEither(Schema.make(type))(null)))
    expect(refuseNull.map(({ place }) => place)).toEqual([])
  })
})

const ORGANIZATION = "11111111-1111-4111-8111-111111111111"
const content = [{ type: "text", text: "go" }]
const nulls = <Names extends ReadonlyArray<string>>(...names: Names) =>
  Object.fromEntries(names.map((name) => [name, null]))

describe("null and what else stands for nothing", () => {
  it("decodes as the field left out", () => {
    const creation = nulls(
      ...["system_prompt", "workspace_id", "model_config_id", "mcp_server_ids", "labels"],
      ...["unsafe_dynamic_tools", "tool_policy", "plan_mode", "client_type"],
    )
    const decoded = Schema.decodeUnknownSync(CreateChatRequest)({
      ...creation,
      organization_id: ORGANIZATION,
      content: [{ ...content[0], ...nulls("file_id", "file_name", "start_line", "end_line", "content") }],
    })
    expect(decoded).toEqual({ organization_id: ORGANIZATION, content })
    const result = { tool_call_id: "a", output: null, is_error: null }
    expect(Schema.decodeUnknownSync(ToolResultsRequest)({ results: [result] })).toEqual({
      results: [{ tool_call_id: "a", output: null }],
    })
  })

  it("is an empty text where one of some words is asked for", () => {
    const create = Schema.decodeUnknownSync(CreateChatRequest)
    expect(create({ organization_id: ORGANIZATION, content, client_type: "" })).not.toHaveProperty("client_type")
    expect(create({ organization_id: ORGANIZATION, content, client_type: "ui" }).client_type).toBe("ui")
    const send = Schema.decodeUnknownSync(SendMessageRequest)
    expect(send({ content, busy_behavior: "" })).toEqual({ content })
    expect(send({ content, busy_behavior: "steer" }).busy_behavior).toBe("steer")
  })

  it("is no schema of a tool's arguments, which is an empty one", () => {
    const tools = [{ name: "a" }, { name: "b", input_schema: null }, { name: "c", input_schema: { type: "object" } }]
    const request = { organization_id: ORGANIZATION, content, unsafe_dynamic_tools: tools }
    const { unsafe_dynamic_tools = [] } = Schema.decodeUnknownSync(CreateChatRequest)(request)
    expect(unsafe_dynamic_tools.map(({ input_schema }) => input_schema)).toEqual([{}, {}, { type: "object" }])
  })

  it("is a group of provider options that is null", () => {
    const config = { model: "m", context_limit: 1, model_config: { provider_options: { openai: null, anthropic: {} } } }
    const { model_config } = Schema.decodeUnknownSync(CreateModelConfigRequest)(config)
    expect(model_config?.provider_options).toEqual({ anthropic: {} })
  })

  it("is still refused where something must be given", () => {
    const create = Schema.decodeUnknownEither(CreateChatRequest)
    for (const missing of ["organization_id", "content"]) {
      expect(Either.isLeft(create({ organization_id: ORGANIZATION, content, [missing]: null }))).toBe(true)
    }
  })
})
