import type { OpenApi } from "@effect/platform"
import fc from "fast-check"
import { isObject } from "../scripted-provider/checks.ts"
import { levelsUpTo, oddNumber, oddText, tooDeep } from "./odd-values.ts"

/** Values that a schema of the API's own document accepts, as odd as it allows. */

type JsonSchema = Readonly<Record<string, unknown>>
/** What a field of this name holds where the schema alone does not say it; undefined leaves the field out. */
export type Known = Readonly<Record<string, fc.Arbitrary<unknown> | undefined>>

/** Given even where it is optional: a provider that was not switched off would be called. */
const ALWAYS = new Set(["enabled"])

const asSchema = (value: unknown): JsonSchema => (isObject(value) ? value : {})
const asSchemas = (value: unknown): ReadonlyArray<JsonSchema> => (Array.isArray(value) ? value.map(asSchema) : [])
const bound = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise)

const textOf = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (schema["format"] === "uuid") return fc.uuid()
  if (typeof schema["pattern"] === "string") return fc.stringMatching(new RegExp(schema["pattern"]))
  // A number in an address.
  if (String(schema["description"]).includes("decoded into a number")) {
    const usual = { weight: 5, arbitrary: fc.integer({ min: 1, max: 30 }) }
    return fc.oneof(usual, { weight: 1, arbitrary: oddNumber }).map(String)
  }
  const most = bound(schema["maxLength"], Number.POSITIVE_INFINITY)
  return oddText.map((text) => text.trim().slice(0, most))
}

const numberOf = (schema: JsonSchema): fc.Arbitrary<number> => {
  const min = bound(schema["minimum"], bound(schema["exclusiveMinimum"], -1_000_000))
  const max = bound(schema["maximum"], Math.max(min, 2 ** 31 - 1))
  if (schema["type"] !== "integer") return fc.double({ min, max, noNaN: true })
  const least = schema["exclusiveMinimum"] === undefined ? min : min + 1
  return fc.oneof(fc.integer({ min: least, max }), fc.constantFrom(least, max))
}

export class SchemaValues {
  readonly #schemas: JsonSchema
  readonly #known: Known

  constructor(document: OpenApi.OpenAPISpec, known: Known) {
    this.#schemas = { ...document.components.schemas }
    this.#known = known
  }

  of(value: unknown): fc.Arbitrary<unknown> {
    const schema = asSchema(value)
    const reference = schema["$ref"]
    if (typeof reference === "string") return this.of(this.#schemas[reference.slice("#/components/schemas/".length)])
    if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as ReadonlyArray<unknown>))
    const choices = asSchemas(schema["anyOf"] ?? schema["oneOf"])
    if (choices.length > 0) return fc.oneof(...choices.map((choice) => this.of(choice)))
    switch (schema["type"]) {
      case "string":
        return textOf(schema)
      case "number":
      case "integer":
        return numberOf(schema)
      case "boolean":
        return fc.boolean()
      case "null":
        return fc.constant(null)
      case "array":
        return fc.array(this.of(schema["items"]), {
          minLength: bound(schema["minItems"], 0),
          maxLength: Math.min(bound(schema["maxItems"], 4), 4),
        })
      case "object":
        return this.#object(schema)
      default:
        return fc.oneof(oddText, oddNumber, fc.boolean(), fc.constant(null), levelsUpTo(50), tooDeep)
    }
  }

  /** The value of a field or parameter, by its name first. Undefined: nothing that would be accepted is known. */
  named(name: string, schema: unknown): fc.Arbitrary<unknown> | undefined {
    return name in this.#known ? this.#known[name] : this.of(schema)
  }

  #object(schema: JsonSchema): fc.Arbitrary<unknown> {
    const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : [])
    const fields = Object.entries(asSchema(schema["properties"])).flatMap(([name, field]) => {
      const values = this.named(name, field)
      return values === undefined ? [] : [[name, values] as const]
    })
    const requiredKeys = fields.map(([name]) => name).filter((name) => required.has(name) || ALWAYS.has(name))
    const own: fc.Arbitrary<unknown> = fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true })
    if (!isObject(schema["additionalProperties"])) return own
    return fc.dictionary(oddText, this.of(schema["additionalProperties"]), { maxKeys: 4, noNullPrototype: true })
  }
}
