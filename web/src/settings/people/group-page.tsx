import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { useState } from "react"
import type { Group } from "../../../../src/contract/organizations.ts"
import { call, hasStatus } from "../../api/client.ts"
import { organizationMayQuery } from "../../auth/administration.ts"
import { groupsQuery, groupTitle, memberCount } from "../../people/people-queries.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { SettingsPage } from "../settings-page.tsx"
import { DangerRow, DangerZone } from "./danger-zone.tsx"
import { isEveryone } from "./everyone.ts"
import { Gate } from "./gate.tsx"
import { GroupForm } from "./group-form.tsx"
import { GroupMembers } from "./group-members.tsx"
import { groupQuery } from "./people-data.ts"
import { UpLink } from "./up-link.tsx"

const DeleteGroup = ({ group }: { readonly group: Group }) => {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  return (
    <DangerZone>
      <DangerRow title="Delete the group" about="Its members stay members of the organization.">
        <Button look="danger" onClick={() => setAsked(true)}>
          Delete
        </Button>
      </DangerRow>
      {asked && (
        <ConfirmDialog
          title={`Delete ${group.name}?`}
          about="Who saw a chat as a member of this group sees it no more; open streams end within a second. Accounts and memberships stay."
          confirm="Delete"
          danger
          run={async () => {
            await call("deleteGroup", { path: { group: group.id } })
            await navigate({ to: "/settings/groups", search: { organization: group.organization_id } })
            queryClient.removeQueries({ queryKey: ["group", group.id] })
            await queryClient.invalidateQueries({ queryKey: groupsQuery(group.organization_id).queryKey })
          }}
          onClose={() => setAsked(false)}
        />
      )}
    </DangerZone>
  )
}

const GroupSections = ({ id }: { readonly id: string }) => {
  const [page, setPage] = useState(0)
  const found = useQuery(groupQuery(id, page))
  const group = found.data
  const may = useQuery({
    ...organizationMayQuery(group?.organization_id ?? ""),
    enabled: group !== undefined,
  }).data
  if (group === undefined) {
    if (found.error === null) return <LoadingRows label="Loading the group" rows={6} rowClass="h-11" />
    if (hasStatus(found.error, 404)) {
      return (
        <Callout tone="info" title="There is no such group">
          It may have been deleted, or it is of an organization whose groups you may not see.
        </Callout>
      )
    }
    return (
      <LoadFailed
        title="The group could not be loaded"
        error={found.error}
        retrying={found.isFetching}
        onRetry={() => void found.refetch()}
      />
    )
  }
  const everyone = isEveryone(group)
  const changeable = may?.updatesGroups === true && !everyone
  return (
    <>
      {everyone && (
        <Callout tone="info" title="Everybody in the organization">
          Whoever belongs to the organization is in this group, and leaves it with the organization. It can neither be
          changed nor deleted.
        </Callout>
      )}
      {changeable && <GroupForm group={group} />}
      <GroupMembers
        group={group}
        page={page}
        setPage={setPage}
        stale={found.isPlaceholderData}
        changeable={changeable}
      />
      {may?.deletesGroups === true && !everyone && <DeleteGroup group={group} />}
    </>
  )
}

/** One group: what it is called, and who is in it. */
export const GroupPage = () => {
  const { group: id = "" } = useParams({ strict: false })
  const group = useQuery({ ...groupQuery(id, 0), enabled: false }).data
  return (
    <SettingsPage
      title={group === undefined ? "Group" : proseText(groupTitle(group))}
      {...(group !== undefined && { note: memberCount(group.total_member_count) })}
      actions={<UpLink to="/settings/groups">All groups</UpLink>}
    >
      <Gate page="groups" title="Only administrators see the groups of an organization here">
        {() => <GroupSections key={id} id={id} />}
      </Gate>
    </SettingsPage>
  )
}
