import { useQuery } from "@tanstack/react-query"
import { useNavigate, useSearch } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { SelectField } from "../../ui/field.tsx"
import type { OrganizationSearch } from "./list-search.ts"
import { organizationsQuery } from "./people-data.ts"

interface ChosenOrganizationProps {
  readonly children: (organization: Organization) => ReactNode
}

/** What a page shows of one organization, and the choice of which; the address says it. Where there is one only, nobody is asked. */
export const ChosenOrganization = ({ children }: ChosenOrganizationProps) => {
  const all = useQuery(organizationsQuery)
  const { organization: wanted }: OrganizationSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  if (all.data === undefined) {
    if (all.error === null) return <LoadingRows label="Loading the organizations" rows={6} rowClass="h-11" />
    return (
      <LoadFailed
        title="The organizations could not be loaded"
        error={all.error}
        retrying={all.isFetching}
        onRetry={() => void all.refetch()}
      />
    )
  }
  const chosen =
    all.data.find(({ id }) => id === wanted) ?? all.data.find(({ is_default }) => is_default) ?? all.data[0]
  if (chosen === undefined) return <Empty>There is no organization that you may see.</Empty>
  return (
    <>
      {all.data.length > 1 && (
        <div className="max-w-80">
          <SelectField
            label="Organization"
            value={chosen.id}
            onChange={({ target }) => void navigate({ to: ".", search: { organization: target.value } })}
          >
            {all.data.map(({ id, name, display_name }) => (
              <option key={id} value={id}>
                {display_name || name}
              </option>
            ))}
          </SelectField>
        </div>
      )}
      {children(chosen)}
    </>
  )
}
