import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { type Administration, administrationQuery, pagesFor, type PeoplePages } from "../../auth/administration.ts"
import { Callout } from "../../ui/callout.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"

interface GateProps {
  readonly page: keyof PeoplePages
  /** Who may open it, in words: "Only owners and user admins". */
  readonly title: string
  readonly children: (may: Administration) => ReactNode
}

/** A page for those who may see it, by the server's word. Who came by a link and may not is told whom to ask. */
export const Gate = ({ page, title, children }: GateProps) => {
  const may = useQuery(administrationQuery)
  if (may.data === undefined) {
    if (may.error === null) return <LoadingRows label="Loading" rows={6} rowClass="h-11" />
    return (
      <LoadFailed
        title="It could not be asked what you may do here"
        error={may.error}
        retrying={may.isFetching}
        onRetry={() => void may.refetch()}
      />
    )
  }
  if (pagesFor(may.data)[page]) return children(may.data)
  return (
    <Callout tone="info" title={title}>
      Ask an owner of this deployment if you need it. What is yours is under{" "}
      <Link to="/settings/account" className="font-medium text-accent underline underline-offset-4">
        Account
      </Link>
      .
    </Callout>
  )
}
