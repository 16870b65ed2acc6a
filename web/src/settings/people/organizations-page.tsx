import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { Plus } from "lucide-react"
import { useState } from "react"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { administrationQuery } from "../../auth/administration.ts"
import { Avatar } from "../../people/avatar.tsx"
import { Button } from "../../ui/button.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Tag } from "../../ui/tag.tsx"
import { SettingsPage } from "../settings-page.tsx"
import { Gate } from "./gate.tsx"
import { CreateOrganizationForm } from "./organization-form.tsx"
import { organizationsQuery } from "./people-data.ts"

const columns: ReadonlyArray<Column<Organization>> = [
  {
    title: "Organization",
    cell: ({ id, name, display_name, is_default }) => (
      <Link
        to="/settings/organizations/$organization"
        params={{ organization: id }}
        data-item
        tabIndex={-1}
        className="flex min-h-11 items-center gap-2.5 py-1 hover:underline"
      >
        <Avatar name={display_name || name} kind="group" />
        <span className="min-w-0 truncate font-medium">{proseText(display_name || name)}</span>
        {is_default && <Tag tone="accent">default</Tag>}
      </Link>
    ),
  },
  { title: "Name", cell: ({ name }) => <span className="font-mono text-xs">{name}</span>, wide: true },
  {
    title: "Description",
    cell: ({ description }) => <span className="block max-w-72 truncate">{proseText(description)}</span>,
    wide: true,
  },
]

const List = () => {
  const all = useQuery(organizationsQuery)
  if (all.data === undefined) {
    if (all.error === null) return <LoadingRows label="Loading the organizations" rows={3} rowClass="h-11" />
    return (
      <LoadFailed
        title="The organizations could not be loaded"
        error={all.error}
        retrying={all.isFetching}
        onRetry={() => void all.refetch()}
      />
    )
  }
  if (all.data.length === 0) return <Empty>There is no organization that you may see.</Empty>
  return <DataTable label="Organizations of this deployment" columns={columns} rows={all.data} keyOf={({ id }) => id} />
}

/** The organizations of the deployment. */
export const OrganizationsPage = () => {
  const navigate = useNavigate()
  const mayCreate = useQuery(administrationQuery).data?.createsOrganizations === true
  const [adding, setAdding] = useState(false)
  return (
    <SettingsPage
      title="Organizations"
      note="Every chat belongs to one"
      actions={
        mayCreate &&
        !adding && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            New organization
          </Button>
        )
      }
    >
      <Gate page="organizations" title="Only administrators see the organizations here">
        {() => (
          <>
            {adding && (
              <CreateOrganizationForm
                onCreated={({ id }) =>
                  void navigate({ to: "/settings/organizations/$organization", params: { organization: id } })
                }
                onClose={() => setAdding(false)}
              />
            )}
            <List />
          </>
        )}
      </Gate>
    </SettingsPage>
  )
}
