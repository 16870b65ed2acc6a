import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query"
import { ChevronDown } from "lucide-react"
import { useState } from "react"
import { call } from "../../api/client.ts"
import { buttonClass } from "../../ui/button.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { Menu, MenuChoice, MenuChoices, useMenu } from "../../ui/menu.tsx"

const retentionQuery = queryOptions({
  queryKey: ["audit-retention"],
  queryFn: ({ signal }) => call("getAuditRetention", undefined, signal),
  staleTime: 30_000,
})

const USUAL = [0, 90, 180, 365, 730, 1825]

const titleOf = (days: number): string =>
  days === 0 ? "for ever" : days % 365 === 0 ? `${days / 365} ${days === 365 ? "year" : "years"}` : `${days} days`

/** How long entries are kept. Whoever may change it is asked first: what is removed does not come back. */
export const AuditRetention = ({ mayChange }: { readonly mayChange: boolean }) => {
  const queryClient = useQueryClient()
  const days = useQuery(retentionQuery).data?.retention_days
  const menu = useMenu()
  const [asked, setAsked] = useState<number>()
  if (days === undefined) return null
  if (!mayChange) return <p className="text-sm text-ink-faint">Entries are kept {titleOf(days)}.</p>

  const save = async (retention_days: number) => {
    await call("putAuditRetention", { body: { retention_days } })
    await queryClient.invalidateQueries({ queryKey: retentionQuery.queryKey })
    await queryClient.invalidateQueries({ queryKey: ["audit"] })
  }
  return (
    <div className="text-sm text-ink-faint">
      <button type="button" {...menu.button} className={buttonClass("quiet")}>
        Entries are kept <span className="text-accent">{titleOf(days)}</span>
        <ChevronDown aria-hidden className="size-3.5 text-ink-faint" />
      </button>
      <Menu of={menu} side="top" align="end">
        <MenuChoices value={String(days)} onChange={(next) => Number(next) !== days && setAsked(Number(next))}>
          {[...new Set([...USUAL, days])].map((choice) => (
            <MenuChoice key={choice} value={String(choice)}>
              Kept {titleOf(choice)}
            </MenuChoice>
          ))}
        </MenuChoices>
      </Menu>
      {asked !== undefined && (
        <ConfirmDialog
          title={`Keep the audit log ${titleOf(asked)}?`}
          about={
            asked === 0
              ? "From now on no entry is removed."
              : `Entries that are older than ${titleOf(asked)} are removed within the hour. They cannot be brought back: export them first if you need them.`
          }
          confirm={asked === 0 ? "Keep them" : "Remove older ones"}
          danger={asked > 0 && (days === 0 || asked < days)}
          run={() => save(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}
