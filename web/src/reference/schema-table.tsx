import { useMemo } from "react"
import { Tag } from "../ui/tag.tsx"
import type { JsonSchema, Schemas } from "./api-document.ts"
import { type SchemaRow, schemaRows } from "./schema-rows.ts"
import { Words } from "./words.tsx"

const About = ({ description, limits, choices }: Pick<SchemaRow, "description" | "limits" | "choices">) => (
  <>
    {description !== "" && <Words text={description} />}
    {limits !== "" && <span className="text-ink-faint">{`${description === "" ? "" : " "}${limits}`}</span>}
    {choices.length > 0 && (
      <span className="mt-1 flex flex-wrap gap-1 first:mt-0">
        {choices.map((choice) => (
          <code key={choice} className="rounded-small bg-selected px-1 font-mono text-2xs [overflow-wrap:anywhere]">
            {choice}
          </code>
        ))}
      </span>
    )}
  </>
)

interface FieldTableProps {
  readonly label: string
  readonly rows: ReadonlyArray<SchemaRow>
}

/** Fields, each with its type and what is asked of it. */
export const FieldTable = ({ label, rows }: FieldTableProps) => (
  <div
    role="region"
    aria-label={label}
    tabIndex={0}
    className="overflow-x-auto rounded-card border border-line bg-raised"
  >
    <table className="w-full border-collapse text-sm">
      <thead className="max-sm:hidden">
        <tr className="border-b border-line text-left text-xs text-ink-faint">
          <th scope="col" className="h-8 w-0 px-3 font-normal">
            Field
          </th>
          <th scope="col" className="w-0 px-3 font-normal">
            Type
          </th>
          <th scope="col" className="px-3 font-normal">
            About
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={row.path} className="align-top max-sm:flex max-sm:flex-col max-sm:py-2">
            <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap max-sm:py-0.5">
              <span style={{ paddingLeft: `${row.depth}rem` }} className="inline-flex items-center gap-2">
                <code className="font-mono text-xs text-ink">{row.name}</code>
                {row.required && <Tag>required</Tag>}
              </span>
            </th>
            <td className="px-3 py-1.5 text-xs leading-5 whitespace-nowrap text-ink-faint max-sm:py-0">{row.type}</td>
            <td className="min-w-56 px-3 py-1.5 text-ink-soft max-sm:py-0.5">
              <About {...row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

interface SchemaTableProps {
  readonly label: string
  readonly schema: JsonSchema
  readonly schemas: Schemas
}

export const SchemaTable = ({ label, schema, schemas }: SchemaTableProps) => {
  const rows = useMemo(() => {
    const top = schema.type === "array" && schema.items !== undefined ? schema.items : schema
    return schemaRows(top, schemas)
  }, [schema, schemas])
  return rows.length === 0 ? null : <FieldTable label={label} rows={rows} />
}
