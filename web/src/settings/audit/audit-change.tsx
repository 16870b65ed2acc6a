import { Lock } from "lucide-react"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { visibleText } from "../../ui/visible-text.ts"
import { fieldTitle, shownValue } from "./audit-words.ts"

const value = "px-2.5 py-1.5 align-top font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"

const Changed = () => (
  <span className="inline-flex items-center gap-1 font-sans text-ink-faint">
    <Lock aria-hidden className="size-3" /> changed
  </span>
)

/** What was, and what is, field by field. Of a secret it is known only that it is another. */
export const AuditChange = ({ diff }: { readonly diff: AuditEntry["diff"] }) => {
  const fields = Object.entries(diff)
  if (fields.length === 0) return null
  return (
    <div className="overflow-hidden rounded-control border border-line bg-raised">
      <table className="w-full table-fixed border-collapse text-left text-xs">
        <caption className="sr-only">What was changed</caption>
        <thead className="text-ink-faint">
          <tr className="border-b border-line">
            <th scope="col" className="w-[28%] px-2.5 py-1 font-normal">
              Field
            </th>
            <th scope="col" className="px-2.5 py-1 font-normal">
              Before
            </th>
            <th scope="col" className="px-2.5 py-1 font-normal">
              After
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {fields.map(([field, change]) => (
            <tr key={field}>
              <th scope="row" className="px-2.5 py-1.5 align-top font-normal text-ink-soft [overflow-wrap:anywhere]">
                {fieldTitle(field)}
              </th>
              {change.secret ? (
                <td colSpan={2} className={value}>
                  <Changed />
                </td>
              ) : (
                <>
                  <td className={`${value} bg-(--del)`}>{visibleText(shownValue(change.old))}</td>
                  <td className={`${value} bg-(--add)`}>{visibleText(shownValue(change.new))}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
