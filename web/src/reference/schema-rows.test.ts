import { describe, expect, it } from "vitest"
import { schemaRows } from "./schema-rows.ts"

const fields = (rows: ReturnType<typeof schemaRows>) => rows.map(({ path, type }) => [path, type])

describe("the rows of a schema", () => {
  it("say type, limits and choices of each field in words", () => {
    const rows = schemaRows(
      {
        type: "object",
        required: ["id"],
        properties: {
          id: { $ref: "#/components/schemas/UUID" },
          limit: { type: "integer", minimum: 1, maximum: 200, description: "a number between 1 and 200" },
          mode: { anyOf: [{ type: "string", enum: ["", "plan"] }, { type: "null" }], description: "How it works." },
          seq: { type: "integer", exclusiveMinimum: 0 },
        },
      },
      { UUID: { type: "string", format: "uuid", description: "a Universally Unique Identifier" } },
    )
    const [id, limit, mode, seq] = rows
    expect(id).toMatchObject({ path: "id", type: "UUID", required: true, description: "", limits: "" })
    expect(limit).toMatchObject({ type: "integer", limits: "1 to 200", description: "", required: false })
    expect(mode).toMatchObject({ type: "string or null", choices: ['""', '"plan"'], description: "How it works." })
    expect(seq?.limits).toBe("at least 1")
  })

  it("go into lists and named schemas", () => {
    const Part = { type: "object", properties: { text: { type: "string" } } }
    const rows = schemaRows(
      { type: "object", properties: { content: { type: "array", items: { $ref: "#/components/schemas/Part" } } } },
      { Part },
    )
    expect(fields(rows)).toEqual([
      ["content", "list of object"],
      ["content[].text", "string"],
    ])
  })

  it("end where a schema holds itself, at a depth, and at a number", () => {
    const Chat = {
      type: "object",
      properties: { id: { type: "string" }, children: { type: "array", items: { $ref: "#/components/schemas/Chat" } } },
    }
    expect(fields(schemaRows({ $ref: "#/components/schemas/Chat" }, { Chat }))).toEqual([
      ["id", "string"],
      ["children", "list of object"],
    ])
    const nested = (depth: number): object =>
      depth === 0 ? { type: "string" } : { type: "object", properties: { a: nested(depth - 1) } }
    expect(schemaRows(nested(20), {}).at(-1)?.depth).toBe(3)
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, { type: "string" }]))
    expect(schemaRows({ type: "object", properties: wide }, {})).toHaveLength(150)
  })

  it("are none for what has no fields", () => {
    expect(schemaRows({}, {})).toEqual([])
    expect(schemaRows({ $ref: "#/components/schemas/Gone" }, {})).toEqual([])
  })
})
