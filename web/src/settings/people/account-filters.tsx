import { useQuery } from "@tanstack/react-query"
import { FilterMenu } from "./filter-menu.tsx"
import { siteRolesQuery } from "./people-data.ts"
import { pairOf, withPair } from "./query-pairs.ts"
import { roleTitle } from "./role-words.ts"
import { SearchBox } from "./search-box.tsx"

const DAY_MS = 86_400_000

/** The day so many days ago, as the search takes it. */
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)

interface AccountFiltersProps {
  readonly of: string
  /** People sign in and have roles of the deployment; programs do not sign in. */
  readonly people: boolean
  readonly text: string
  readonly onChange: (text: string) => void
}

/** The search of a list of accounts, and filters that write into it. */
export const AccountFilters = ({ of, people, text, onChange }: AccountFiltersProps) => {
  const roles = useQuery(siteRolesQuery).data ?? []
  const filter = (key: string) => ({
    value: pairOf(text, key),
    onChange: (value: string | undefined) => onChange(withPair(text, key, value)),
  })
  return (
    <search aria-label={`Search ${of}`} className="flex flex-wrap items-center gap-1.5">
      <SearchBox label={`Search ${of}`} placeholder="Name, username or email" value={text} onChange={onChange} />
      <FilterMenu
        label="Status"
        choices={[
          ["active", "Active"],
          ["dormant", "Dormant"],
          ["suspended", "Suspended"],
        ]}
        {...filter("status")}
      />
      <FilterMenu label="Role" choices={roles.map((role) => [role.name, roleTitle(role)])} {...filter("role")} />
      {people && (
        <FilterMenu
          label="Signs in"
          choices={[
            ["password", "With a password"],
            ["none", "By API token only"],
          ]}
          {...filter("login_type")}
        />
      )}
      <FilterMenu
        label="Last seen"
        choices={[30, 90, 180].map((days) => [daysAgo(days), `${days} days ago or more`])}
        {...filter("last_seen_before")}
      />
    </search>
  )
}
