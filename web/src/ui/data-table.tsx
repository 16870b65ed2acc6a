import type { ReactNode } from "react"
import { useRovingFocus } from "./roving-focus.ts"

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the right, digit under digit. */
  readonly numeric?: boolean
  /** Not on phones, where there is room for what matters only. */
  readonly wide?: boolean
}

interface DataTableProps<Row> {
  readonly label: string
  readonly columns: ReadonlyArray<Column<Row>>
  readonly rows: ReadonlyArray<Row>
  readonly keyOf: (row: Row) => string
  /** What can be done with a row: a button with `data-item-action`, or with `data-item` where the row is not called by a link. */
  readonly renderActions?: (row: Row) => ReactNode
  /** The rows are of another question than the one that is being asked. */
  readonly stale?: boolean
}

const place = <Row,>({ numeric = false, wide = false }: Column<Row>) =>
  `px-3 ${numeric ? "text-right tabular-nums" : "text-left"} ${wide ? "max-sm:hidden" : ""}`

/**
 * Rows of the same facts. The first column names the row. What is too wide scrolls within the table. Where each row has a
 * `data-item`, its link or its button, they are one stop of the Tab key together.
 */
export const DataTable = <Row,>({ label, columns, rows, keyOf, renderActions, stale = false }: DataTableProps<Row>) => {
  const roving = useRovingFocus<HTMLTableSectionElement>()
  return (
    <div
      role="region"
      aria-label={label}
      aria-busy={stale || undefined}
      tabIndex={0}
      className="relative overflow-x-auto rounded-card border border-line bg-raised shadow-low"
    >
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th key={column.title} scope="col" className={`h-8 text-xs font-normal text-ink-faint ${place(column)}`}>
                {column.title}
              </th>
            ))}
            {renderActions !== undefined && (
              <th scope="col" className="w-10">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody {...roving} className={`divide-y divide-line ${stale ? "opacity-60" : ""}`}>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-row className="hover:bg-hover">
              {columns.map((column, index) => {
                const Cell = index === 0 ? "th" : "td"
                return (
                  <Cell
                    key={column.title}
                    {...(index === 0 && { scope: "row" })}
                    className={`h-9 font-normal ${index === 0 ? "text-ink" : "text-ink-soft"} ${place(column)}`}
                  >
                    {column.cell(row)}
                  </Cell>
                )
              })}
              {renderActions !== undefined && <td className="w-10 pr-1.5 text-right">{renderActions(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
