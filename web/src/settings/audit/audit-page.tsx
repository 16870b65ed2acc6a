import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { CloudOff, RotateCw } from "lucide-react"
import { hasStatus } from "../../api/client.ts"
import { administrationQuery, pagesFor } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { Gate } from "../people/gate.tsx"
import { pairOf } from "../people/query-pairs.ts"
import { useListSearch } from "../people/use-list-search.ts"
import { SettingsPage } from "../settings-page.tsx"
import { AuditEntries } from "./audit-entries.tsx"
import { AuditExport } from "./audit-export.tsx"
import { AuditFilters } from "./audit-filters.tsx"
import { AuditRetention } from "./audit-retention.tsx"
import { auditQuery } from "./audit-query.ts"

interface ListProps {
  readonly q: string
  readonly onClear: () => void
}

const List = ({ q, onClear }: ListProps) => {
  const found = useInfiniteQuery(auditQuery(q))
  const fault = hasStatus(found.error, 400) ? found.error.body : undefined
  if (fault !== undefined) {
    return (
      <Callout
        tone="warning"
        role="alert"
        title="The log cannot be searched like this"
        actions={<Button onClick={onClear}>Clear the search</Button>}
      >
        {fault.validations?.map(({ field, detail }) => `${field} ${detail}.`).join(" ") || fault.message}
      </Callout>
    )
  }
  if (found.isPaused && (found.data === undefined || found.isPlaceholderData)) {
    return (
      <Callout tone="info" role="status" Icon={CloudOff} title="You are offline">
        The log is searched as soon as the connection is back.
      </Callout>
    )
  }
  if (found.data === undefined) {
    if (found.error === null) return <LoadingRows label="Loading the audit log" rows={8} rowClass="h-9" />
    return (
      <LoadFailed
        title="The audit log could not be loaded"
        error={found.error}
        retrying={found.isFetching}
        onRetry={() => void found.refetch()}
      />
    )
  }
  const entries = found.data.pages.flatMap(({ audit_logs }) => audit_logs)
  if (entries.length === 0) {
    return (
      <Empty action={q !== "" && <Button onClick={onClear}>Clear the search</Button>}>
        {q === ""
          ? "Nothing has been changed yet. What people change is written down here with the change itself."
          : "No entries match this search."}
      </Empty>
    )
  }
  return (
    <>
      <AuditEntries entries={entries} stale={found.isPlaceholderData} opened={pairOf(q, "id") !== undefined} />
      {found.error !== null && (
        <LoadFailed
          title="The entries could not be loaded"
          error={found.error}
          retrying={found.isFetching}
          onRetry={() => void (found.hasNextPage ? found.fetchNextPage() : found.refetch())}
        />
      )}
      <p className="flex min-h-7 items-center justify-between gap-3 text-sm text-ink-faint">
        <span role="status" className="tabular-nums">
          {entries.length.toLocaleString()} {entries.length === 1 ? "entry" : "entries"}
          {found.hasNextPage ? ", newest first" : ", all there are"}
        </span>
        {found.hasNextPage && (
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show older ones
          </Button>
        )}
      </p>
    </>
  )
}

const Actions = ({ q }: { readonly q: string }) => {
  const { refetch, isFetching, isFetchingNextPage } = useInfiniteQuery(auditQuery(q))
  const looking = isFetching && !isFetchingNextPage
  return (
    <>
      <Button look="quiet" busy={looking} onClick={() => void refetch()}>
        {!looking && <RotateCw aria-hidden className="size-3.5" />}
        Look again
      </Button>
      <AuditExport q={q} />
    </>
  )
}

/** What was changed, when, by whom and from where. */
export const AuditPage = () => {
  const { text, setText, q } = useListSearch()
  const may = useQuery(administrationQuery).data
  return (
    <SettingsPage
      title="Audit log"
      note="What was changed, when, by whom and from where"
      wide
      actions={may !== undefined && pagesFor(may).audit && <Actions q={q} />}
    >
      <Gate page="audit" title="Only owners, auditors and administrators of an organization read the audit log">
        {({ changesSettings, seesSettings }) => (
          <section aria-label="Audit log" className="flex flex-col gap-3">
            <AuditFilters text={text} onChange={setText} />
            <List q={q} onClear={() => setText("")} />
            {seesSettings && <AuditRetention mayChange={changesSettings} />}
          </section>
        )}
      </Gate>
    </SettingsPage>
  )
}
