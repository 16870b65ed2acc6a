import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { useRovingFocus } from "../../ui/roving-focus.ts"
import { useMedia } from "../../ui/use-media.ts"
import { AuditEntryRow, columnsOf } from "./audit-entry.tsx"

/** From where on `md:` counts. */
const ROOMY = "(width >= 48rem)"

interface AuditEntriesProps {
  readonly label?: string
  readonly entries: ReadonlyArray<AuditEntry>
  /** They are of another question than the one that is being asked. */
  readonly stale?: boolean
  /** The one that was asked for by its id. */
  readonly opened?: boolean
}

/** The log as a table whose lines open. The lines are one stop of the Tab key; arrows go through them, to the right to what was changed. */
export const AuditEntries = ({
  label = "Entries of the audit log",
  entries,
  stale = false,
  opened = false,
}: AuditEntriesProps) => {
  const roving = useRovingFocus<HTMLTableSectionElement>()
  const roomy = useMedia(ROOMY)
  return (
    <div
      role="region"
      aria-label={label}
      aria-busy={stale || undefined}
      className="overflow-hidden rounded-card border border-line bg-raised shadow-low"
    >
      <table className="w-full table-fixed border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            {columnsOf(roomy).map(([title, className]) => (
              <th
                key={title}
                scope="col"
                className={`h-8 px-2 text-left text-xs font-normal text-ink-faint md:px-3 ${className}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...roving} className={`divide-y divide-line ${stale ? "opacity-60" : ""}`}>
          {entries.map((entry) => (
            <AuditEntryRow key={`${entry.id} ${opened}`} {...{ entry, opened, roomy }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
