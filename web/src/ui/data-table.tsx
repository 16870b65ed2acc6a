import type { ReactNode } from "react"

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
}

const place = <Row,>({ numeric = false, wide = false }: Column<Row>) =>
  `px-3 ${numeric ? "text-right tabular-nums" : "text-left"} ${wide ? "max-sm:hidden" : ""}`

/** Rows of the same facts. The first column names the row. What is too wide scrolls within the table. */
export const DataTable = <Row,>({ label, columns, rows, keyOf }: DataTableProps<Row>) => (
  <div
    role="region"
    aria-label={label}
    tabIndex={0}
    className="overflow-x-auto rounded-card border border-line bg-raised shadow-low"
  >
    <table className="w-full border-collapse text-sm">
      <thead>
        <tr className="border-b border-line">
          {columns.map((column) => (
            <th key={column.title} scope="col" className={`h-8 text-xs font-normal text-ink-faint ${place(column)}`}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={keyOf(row)} className="hover:bg-hover">
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
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
