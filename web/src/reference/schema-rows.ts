import type { JsonSchema, Schemas } from "./api-document.ts"

/** A schema as rows of a table: a field, its type in words, and what is asked of it. */

export interface SchemaRow {
  /** From the top: `content[].text`. */
  readonly path: string
  readonly name: string
  readonly depth: number
  readonly type: string
  readonly required: boolean
  readonly description: string
  /** "1 to 200", "at most 50 items". */
  readonly limits: string
  readonly choices: ReadonlyArray<string>
}

const MOST_DEPTH = 3
const MOST_ROWS = 150

/** What the generator says of itself; the limits say the same in fewer words. */
const GENERATED = /^(?:an? (?:string|number|positive|array|integer|Universally|non-)|must |a Universally)/

const nameOf = ($ref: string): string => $ref.split("/").at(-1) ?? ""

const isNull = ({ type, enum: values }: JsonSchema): boolean =>
  type === "null" || (values?.length === 1 && values[0] === null)

/** The schema itself, without a name before it and without the null beside it. What is said at the place wins. */
const plain = (schema: JsonSchema, schemas: Schemas): { readonly schema: JsonSchema; readonly orNull: boolean } => {
  const { description } = schema
  const said = description === undefined ? {} : { description }
  if (schema.$ref !== undefined) {
    const found = schemas[nameOf(schema.$ref)]
    return { schema: { ...found, ...said }, orNull: false }
  }
  const [only, ...others] = schema.anyOf?.filter((each) => !isNull(each)) ?? []
  if (only === undefined || others.length > 0) return { schema, orNull: schema.anyOf?.some(isNull) === true }
  return { schema: { ...plain(only, schemas).schema, ...said }, orNull: schema.anyOf?.some(isNull) === true }
}

const FORMATS: Readonly<Record<string, string>> = { uuid: "UUID", "date-time": "time" }

const typeOf = (given: JsonSchema, schemas: Schemas): string => {
  const { schema } = plain(given, schemas)
  if (schema.anyOf !== undefined) {
    const types = schema.anyOf.filter((each) => !isNull(each)).map((each) => typeOf(each, schemas))
    return [...new Set(types)].join(" or ")
  }
  if (schema.enum !== undefined) return typeof schema.enum[0] === "boolean" ? "boolean" : "string"
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {}, schemas)}`
  if (schema.type === "integer" || schema.type === "number") return schema.type
  return FORMATS[schema.format ?? ""] ?? schema.type ?? "anything"
}

const range = (least: number | undefined, most: number | undefined, what: string): string => {
  if (least !== undefined && most !== undefined) return `${least} to ${most.toLocaleString("en")}${what}`
  const one = what.replace(/s$/, "")
  if (least !== undefined)
    return least === 0 && what === "" ? "0 or more" : `at least ${least}${least === 1 ? one : what}`
  return most === undefined ? "" : `at most ${most.toLocaleString("en")}${most === 1 ? one : what}`
}

const limitsOf = (schema: JsonSchema): string => {
  const least = schema.minimum ?? (schema.exclusiveMinimum === undefined ? undefined : schema.exclusiveMinimum + 1)
  return [
    range(least, schema.maximum, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items"),
  ]
    .filter(Boolean)
    .join(", ")
}

/** The fields within: of the thing itself, of what a list holds, of what stands beside null. */
const within = (given: JsonSchema, schemas: Schemas): { readonly schema: JsonSchema; readonly mark: string } => {
  const { schema } = plain(given, schemas)
  if (schema.type !== "array") return { schema, mark: "" }
  const inner = within(schema.items ?? {}, schemas)
  return { schema: inner.schema, mark: `[]${inner.mark}` }
}

/**
 * The fields of a schema, each before the fields within it. A schema that holds itself is opened once on its way down; no more than
 * three levels and 150 rows are shown.
 */
export const schemaRows = (top: JsonSchema, schemas: Schemas): ReadonlyArray<SchemaRow> => {
  const rows: Array<SchemaRow> = []
  const add = (given: JsonSchema, path: string, depth: number, above: ReadonlyArray<JsonSchema>): void => {
    const { schema, mark } = within(given, schemas)
    const fields = schema.properties
    if (fields === undefined || depth > MOST_DEPTH || above.some((each) => each.properties === fields)) return
    for (const [name, field] of Object.entries(fields)) {
      if (rows.length >= MOST_ROWS) return
      const own = plain(field, schemas)
      const place = path === "" ? name : `${path}${mark}.${name}`
      const description = own.schema.description ?? ""
      rows.push({
        path: place,
        name,
        depth,
        type: `${typeOf(field, schemas)}${own.orNull ? " or null" : ""}`,
        required: schema.required?.includes(name) === true,
        description: GENERATED.test(description) ? "" : description,
        limits: limitsOf(own.schema),
        choices: (own.schema.enum ?? []).map((value) => JSON.stringify(value)),
      })
      add(field, place, depth + 1, [...above, schema])
    }
  }
  add(top, "", 0, [])
  return rows
}
