import { Either, Schema } from "effect"
import { expect, it } from "vitest"
import { CreateChatRequest, SendMessageRequest } from "../contract/chats.ts"
import { CreateFirstUserRequest } from "../contract/identity.ts"
import { CreateModelConfigRequest, CreateProviderRequest } from "../contract/models.ts"
import { decoder } from "./validation.ts"

const faults = <A, I>(schema: Schema.Schema<A, I>, value: unknown) =>
  Either.match(decoder("body", schema)(value), {
    onLeft: ({ validations }) => Object.fromEntries((validations ?? []).map(({ field, detail }) => [field, detail])),
    onRight: () => ({}),
  })

const Everything = Schema.Struct({
  text: Schema.String,
  count: Schema.Int.pipe(Schema.between(1, 20)),
  flag: Schema.optional(Schema.Boolean),
  id: Schema.optional(Schema.UUID),
  colour: Schema.optional(Schema.Literal("red", "green")),
  list: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String }))),
  either: Schema.optional(Schema.Union(Schema.String, Schema.Number)),
  page: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.positive())),
})

it("names every field at fault, with its place in lists", () => {
  const found = faults(Everything, {
    count: 50,
    flag: "yes",
    id: "7",
    colour: "blue",
    list: [{ name: "a" }, { name: 3 }, null],
    either: true,
    page: "-3",
  })
  expect(found).toEqual({
    text: "is required",
    count: "must be a number between 1 and 20",
    flag: "must be true or false",
    id: "must be a UUID",
    colour: 'must be one of "red", "green"',
    "list[1].name": "must be a string",
    "list[2]": "must be an object",
    either: "must be a string or a number",
    page: "must be a positive number",
  })
})

it("calls the whole of a value body, and ignores fields that it does not know", () => {
  expect(faults(Everything, [1])).toEqual({ body: "must be an object" })
  expect(faults(Everything, "text")).toEqual({ body: "must be an object" })
  expect(faults(Everything, { text: "a", count: 1, more: true })).toEqual({})
})

it("keeps the words of the contract, and never repeats a value", () => {
  const secret = "hunter2"
  const found = faults(CreateFirstUserRequest, { email: "a@b.c", username: "no spaces", password: secret })
  expect(found).toEqual({
    username: "must be letters and digits, with single dashes between",
    password: "must have at least 10 characters",
  })
  expect(
    JSON.stringify(faults(CreateFirstUserRequest, { email: secret, username: secret, password: secret })),
  ).not.toContain(secret)
})

it("says what a text in an address must be, in words of its own", () => {
  expect(faults(Everything, { text: "a", count: 1, page: "x" })).toEqual({ page: "must be a number" })
})

it("says of what may be left out what it must be all the same", () => {
  expect(faults(Everything, { text: "a", count: 1, list: "no" })).toEqual({ list: "must be a list" })
  const request = { organization_id: "11111111-1111-4111-8111-111111111111", content: [{ type: "text", text: "go" }] }
  expect(faults(CreateChatRequest, { ...request, system_prompt: 5, labels: [], unsafe_dynamic_tools: {} })).toEqual({
    system_prompt: "must be a string",
    labels: "must be an object",
    unsafe_dynamic_tools: "must be a list",
  })
  expect(faults(CreateChatRequest, { ...request, system_prompt: "x".repeat(10_001) })).toEqual({
    system_prompt: "is longer than 10,000 bytes",
  })
  expect(faults(CreateProviderRequest, { provider: "openai", base_url: 5 })).toEqual({ base_url: "must be a string" })
})

it("names the parts of a message by index", () => {
  expect(faults(SendMessageRequest, { content: [{ type: "text", text: 5 }] })).toEqual({
    "content[0].text": "must be a string",
  })
  expect(faults(SendMessageRequest, { content: [] })).toEqual({ content: "must have at least one part" })
})

it("refuses unknown fields in a model config, where a typing error would go unseen", () => {
  const config = { model: "m", context_limit: 1 }
  expect(faults(CreateModelConfigRequest, { ...config, unknown: 1 })).toEqual({})
  expect(faults(CreateModelConfigRequest, { ...config, model_config: { temprature: 1 } })).toEqual({
    "model_config.temprature": "is not a known field",
  })
  expect(faults(CreateModelConfigRequest, { ...config, model_config: { cost: { price: "1" } } })).toEqual({
    "model_config.cost.price": "is not a known field",
  })
})
