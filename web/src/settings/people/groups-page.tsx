import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate } from "@tanstack/react-router"
import { Plus } from "lucide-react"
import { useState } from "react"
import type { Group, Organization } from "../../../../src/contract/organizations.ts"
import { organizationMayQuery } from "../../auth/administration.ts"
import { Avatar } from "../../people/avatar.tsx"
import { groupsQuery, groupTitle } from "../../people/people-queries.ts"
import { Button } from "../../ui/button.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Tag } from "../../ui/tag.tsx"
import { SettingsPage } from "../settings-page.tsx"
import { ChosenOrganization } from "./chosen-organization.tsx"
import { isEveryone } from "./everyone.ts"
import { Gate } from "./gate.tsx"
import { CreateGroupForm } from "./group-form.tsx"

const columns: ReadonlyArray<Column<Group>> = [
  {
    title: "Group",
    cell: (group) => (
      <Link
        to="/settings/groups/$group"
        params={{ group: group.id }}
        data-item
        tabIndex={-1}
        className="flex min-h-11 items-center gap-2.5 py-1 hover:underline"
      >
        <Avatar name={groupTitle(group)} kind="group" />
        <span className="min-w-0 truncate font-medium">{proseText(groupTitle(group))}</span>
        {isEveryone(group) && <Tag>all members</Tag>}
      </Link>
    ),
  },
  { title: "Name", cell: ({ name }) => <span className="font-mono text-xs">{name}</span>, wide: true },
  { title: "Members", cell: ({ total_member_count }) => total_member_count.toLocaleString(), numeric: true },
]

const OrganizationGroups = ({ organization }: { readonly organization: Organization }) => {
  const navigate = useNavigate()
  const groups = useQuery(groupsQuery(organization.id))
  const mayCreate = useQuery(organizationMayQuery(organization.id)).data?.createsGroups === true
  const [adding, setAdding] = useState(false)
  return (
    <section aria-label="Groups" className="flex flex-col gap-4">
      <div className="flex min-h-8 items-end justify-between gap-4">
        <p className="text-sm text-ink-soft">
          Groups of members of {proseText(organization.display_name || organization.name)}, to share with in one go.
        </p>
        {mayCreate && !adding && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            New group
          </Button>
        )}
      </div>
      {adding && (
        <CreateGroupForm
          organization={organization.id}
          onCreated={({ id }) => void navigate({ to: "/settings/groups/$group", params: { group: id } })}
          onClose={() => setAdding(false)}
        />
      )}
      {groups.data !== undefined ? (
        <DataTable label="Groups of the organization" columns={columns} rows={groups.data} keyOf={({ id }) => id} />
      ) : groups.error === null ? (
        <LoadingRows label="Loading the groups" rows={4} rowClass="h-11" />
      ) : (
        <LoadFailed
          title="The groups could not be loaded"
          error={groups.error}
          retrying={groups.isFetching}
          onRetry={() => void groups.refetch()}
        />
      )}
    </section>
  )
}

/** The groups of an organization. */
export const GroupsPage = () => (
  <SettingsPage title="Groups">
    <Gate page="groups" title="Only administrators see the groups of an organization here">
      {() => (
        <ChosenOrganization>
          {(organization) => <OrganizationGroups key={organization.id} organization={organization} />}
        </ChosenOrganization>
      )}
    </Gate>
  </SettingsPage>
)
