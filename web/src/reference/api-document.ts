import type { Placeholders } from "./placeholders.ts"

/** What the page shows, read from the two documents that the server makes of its declarations. */

/** A JSON schema, as far as it is looked at. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly items?: JsonSchema
  readonly additionalProperties?: boolean | JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
}

/** By name. */
export type Schemas = Readonly<Record<string, JsonSchema>>

export interface Parameter {
  readonly name: string
  readonly in: "path" | "query" | "header"
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchema
  readonly example?: unknown
}

export interface Answer {
  readonly status: string
  readonly description: string
  readonly schema: JsonSchema | undefined
}

interface Described {
  readonly name: string
  readonly summary: string
  /** Paragraphs. */
  readonly description: ReadonlyArray<string>
  readonly whoMay: string
  /** Path, with its parameters as `{name}`. */
  readonly path: string
}

export interface Route extends Described {
  readonly kind: "route"
  readonly method: string
  /** It needs no session. */
  readonly isOpen: boolean
  /** Fields of the body or the answer that hold a secret. */
  readonly secrets: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<Parameter>
  readonly body: { readonly schema: JsonSchema; readonly example: unknown } | undefined
  readonly answers: ReadonlyArray<Answer>
}

export interface StreamEvent {
  readonly name: string
  readonly description: string
  /** As a frame has it. */
  readonly example: unknown
}

export interface Stream extends Described {
  readonly kind: "stream"
  readonly parameters: ReadonlyArray<Parameter>
  readonly refusals: ReadonlyArray<Answer>
  readonly events: ReadonlyArray<StreamEvent>
}

export type Operation = Route | Stream

export interface Family {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly operations: ReadonlyArray<Operation>
}

export interface ApiReference {
  readonly families: ReadonlyArray<Family>
  readonly operations: ReadonlyMap<string, Operation>
  readonly schemas: Schemas
  readonly placeholders: Placeholders
}

interface Content {
  readonly "application/json"?: { readonly schema: JsonSchema; readonly example?: unknown }
}

interface OpenApiOperation {
  readonly operationId: string
  readonly tags: ReadonlyArray<string>
  readonly summary: string
  readonly description: string
  readonly security: ReadonlyArray<object>
  readonly parameters: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
  readonly "x-secrets"?: ReadonlyArray<string>
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly schemas: Schemas }
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description: string; readonly "x-title": string }>
  readonly "x-placeholders": Placeholders
}

interface QueryParameter {
  readonly description: string
  readonly examples: ReadonlyArray<string>
}

interface Channel {
  readonly address: string
  readonly parameters?: Readonly<Record<string, { readonly description: string }>>
  readonly bindings: {
    readonly ws: { readonly query: { readonly properties: Readonly<Record<string, QueryParameter>> } }
  }
  readonly messages: Readonly<
    Record<
      string,
      {
        readonly examples: ReadonlyArray<{ readonly name: string; readonly summary: string; readonly payload: unknown }>
      }
    >
  >
}

export interface AsyncApiDocument {
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly channel: { readonly $ref: string }
        readonly summary: string
        readonly description: string
        readonly "x-refusals": Readonly<Record<string, string>>
      }
    >
  >
}

const WHO_MAY = /^Who may: /

/** The paragraphs of a description, and who may, which stands as the last of them. */
const paragraphs = (text: string): Pick<Described, "description" | "whoMay"> => {
  const all = text.split("\n\n")
  return {
    description: all.filter((each) => !WHO_MAY.test(each)),
    whoMay: all.find((each) => WHO_MAY.test(each))?.replace(WHO_MAY, "") ?? "",
  }
}

const routeOf = (path: string, method: string, operation: OpenApiOperation): Route => {
  const body = operation.requestBody?.content["application/json"]
  return {
    kind: "route",
    name: operation.operationId.split(".").at(-1) ?? operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    ...paragraphs(operation.description),
    isOpen: operation.security.length === 0,
    secrets: operation["x-secrets"] ?? [],
    parameters: operation.parameters,
    body: body === undefined ? undefined : { schema: body.schema, example: body.example },
    answers: Object.entries(operation.responses).map(([status, { description, content }]) => ({
      status,
      description,
      schema: content?.["application/json"]?.schema,
    })),
  }
}

const text: JsonSchema = { type: "string" }

const streamOf = (name: string, { channels, operations }: AsyncApiDocument, { chat }: Placeholders): Stream => {
  const operation = operations[name]
  const channel = channels[operation?.channel.$ref.split("/").at(-1) ?? ""]
  if (operation === undefined || channel === undefined) throw new Error(`The stream ${name} has no channel.`)
  return {
    kind: "stream",
    name,
    path: channel.address,
    summary: operation.summary,
    ...paragraphs(operation.description),
    parameters: [
      ...Object.entries(channel.parameters ?? {}).map(([parameter, { description }]) => ({
        name: parameter,
        in: "path" as const,
        required: true,
        description,
        schema: { type: "string", format: "uuid" },
        example: parameter === "chat" ? chat?.value : undefined,
      })),
      ...Object.entries(channel.bindings.ws.query.properties).map(([parameter, { description }]) => ({
        name: parameter,
        in: "query" as const,
        required: false,
        description,
        schema: text,
      })),
    ],
    refusals: Object.entries(operation["x-refusals"]).map(([status, description]) => ({
      status,
      description,
      schema: undefined,
    })),
    events: Object.values(channel.messages).flatMap(({ examples }) =>
      examples.map((example) => ({ name: example.name, description: example.summary, example: example.payload })),
    ),
  }
}

/** Families in the order of the document, and the streams behind them. */
export const apiReference = (openApi: OpenApiDocument, asyncApi: AsyncApiDocument): ApiReference => {
  const placeholders = openApi["x-placeholders"]
  const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      family: operation.tags[0],
      route: routeOf(path, method, operation),
    })),
  )
  const families: ReadonlyArray<Family> = [
    ...openApi.tags.map((tag) => ({
      name: tag.name,
      title: tag["x-title"],
      about: tag.description,
      operations: routes.filter(({ family }) => family === tag.name).map(({ route }) => route),
    })),
    {
      name: "streams",
      title: "Streams",
      about: "What happens, as it happens.",
      operations: Object.keys(asyncApi.operations).map((name) => streamOf(name, asyncApi, placeholders)),
    },
  ]
  const operations = new Map(families.flatMap((family) => family.operations).map((each) => [each.name, each]))
  return { families, operations, schemas: openApi.components.schemas, placeholders }
}
