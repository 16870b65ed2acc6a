import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { User } from "../../../../src/contract/identity.ts"
import type { Administration } from "../../auth/administration.ts"
import { hasStatus } from "../../api/client.ts"
import { Avatar } from "../../people/avatar.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { Pager } from "../../ui/pager.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Button } from "../../ui/button.tsx"
import { Tag } from "../../ui/tag.tsx"
import { AccountFilters } from "./account-filters.tsx"
import { AccountMenu } from "./account-menu.tsx"
import { PAGE_SIZE, usersQuery } from "./people-data.ts"
import { roleTitle } from "./role-words.ts"
import { useListSearch } from "./use-list-search.ts"
import { accountTitle, Ago, StatusTag } from "./words.tsx"

const columns: ReadonlyArray<Column<User>> = [
  {
    title: "Name",
    cell: (user) => (
      <Link
        to="/settings/users/$user"
        params={{ user: user.id }}
        data-item
        tabIndex={-1}
        className="flex h-12 items-center gap-2.5 hover:underline"
      >
        <Avatar name={accountTitle(user)} />
        <span className="min-w-0">
          <span className="block truncate font-medium max-sm:max-w-40">{proseText(accountTitle(user))}</span>
          {user.name !== "" && <span className="block truncate text-xs text-ink-faint">{user.username}</span>}
        </span>
      </Link>
    ),
  },
  { title: "Email", cell: ({ email }) => <span className="block max-w-64 truncate">{email}</span>, wide: true },
  {
    title: "Roles",
    cell: ({ roles }) => (
      <span className="flex flex-wrap gap-1">
        {roles.map((role) => (
          <Tag key={role.name} tone={role.name === "owner" ? "accent" : "neutral"}>
            {roleTitle(role)}
          </Tag>
        ))}
      </span>
    ),
    wide: true,
  },
  { title: "Status", cell: (user) => <StatusTag status={user.status} /> },
  { title: "Last seen", cell: ({ last_seen_at }) => <Ago time={last_seen_at} />, wide: true },
]

interface AccountsListProps {
  /** What is listed: programs, or people. */
  readonly serviceAccounts: boolean
  readonly may: Administration
}

/** Accounts, a page of them at a time, found by the search language of the server. */
export const AccountsList = ({ serviceAccounts, may }: AccountsListProps) => {
  const { text, setText, q, page, toPage } = useListSearch()
  const found = useQuery(usersQuery(`service_account:${serviceAccounts} ${q}`.trim(), page))
  const of = serviceAccounts ? "service accounts" : "users"
  const shown = serviceAccounts ? columns.filter(({ title }) => title !== "Email") : columns
  const fault = hasStatus(found.error, 400) ? found.error.body : undefined

  return (
    <section aria-label={serviceAccounts ? "Service accounts" : "Users"} className="flex flex-col gap-3">
      <AccountFilters of={of} people={!serviceAccounts} text={text} onChange={setText} />
      {fault !== undefined ? (
        <p role="alert" className="text-sm text-danger">
          {fault.validations?.map(({ field, detail }) => `${field} ${detail}.`).join(" ") || fault.message}
        </p>
      ) : found.data === undefined && found.error !== null ? (
        <LoadFailed
          title={`The ${of} could not be loaded`}
          error={found.error}
          retrying={found.isFetching}
          onRetry={() => void found.refetch()}
        />
      ) : found.data === undefined ? (
        <LoadingRows label={`Loading ${of}`} rows={8} rowClass="h-11" />
      ) : found.data.users.length === 0 ? (
        <Empty action={q !== "" && <Button onClick={() => setText("")}>Clear the search</Button>}>
          {q === "" ? `There are no ${of} yet.` : `No ${of} match this search.`}
        </Empty>
      ) : (
        <>
          <DataTable
            label={serviceAccounts ? "Service accounts of this deployment" : "Users of this deployment"}
            columns={shown}
            rows={found.data.users}
            keyOf={({ id }) => id}
            stale={found.isPlaceholderData}
            renderActions={(user) => <AccountMenu user={user} may={may} />}
          />
          <Pager of={of} page={page} size={PAGE_SIZE} count={found.data.count} onPage={toPage} />
        </>
      )}
    </section>
  )
}
