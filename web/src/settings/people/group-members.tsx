import { useMutation, useQueryClient } from "@tanstack/react-query"
import { UserMinus } from "lucide-react"
import type { Group, UpdateGroupRequest } from "../../../../src/contract/organizations.ts"
import { call } from "../../api/client.ts"
import { Avatar } from "../../people/avatar.tsx"
import { PeoplePicker } from "../../people/people-picker.tsx"
import { IconButton } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { Empty } from "../../ui/list-states.tsx"
import { Pager } from "../../ui/pager.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { membersChanged, PAGE_SIZE } from "./people-data.ts"
import { accountTitle, StatusTag } from "./words.tsx"

type Member = Group["members"][number]

const columns: ReadonlyArray<Column<Member>> = [
  {
    title: "Member",
    cell: (member) => (
      <span className="flex min-h-9 items-center gap-2.5 py-1">
        <Avatar name={accountTitle(member)} />
        <span className="min-w-0 truncate">{proseText(accountTitle(member))}</span>
        {member.name !== "" && <span className="truncate text-xs text-ink-faint max-sm:hidden">{member.username}</span>}
      </span>
    ),
  },
  { title: "Email", cell: ({ email }) => email, wide: true },
  { title: "Status", cell: ({ status }) => <StatusTag status={status} /> },
]

interface GroupMembersProps {
  readonly group: Group
  readonly page: number
  readonly setPage: (page: number) => void
  readonly stale: boolean
  readonly changeable: boolean
}

/** Who is in a group, a page at a time; who may change it puts people in and takes them out. */
export const GroupMembers = ({ group, page, setPage, stale, changeable }: GroupMembersProps) => {
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: (body: UpdateGroupRequest) => call("updateGroup", { path: { group: group.id }, body }),
    onSuccess: () => membersChanged(queryClient, group.organization_id),
  })
  const failure = formErrors(change.error, []).summary
  return (
    <section aria-label="Members" className="flex flex-col gap-3">
      <h2 className="text-md font-semibold">Members</h2>
      {changeable && (
        <PeoplePicker
          label="Add a member"
          kinds={["user"]}
          organizationId={group.organization_id}
          excluded={group.members.map(({ id }) => id)}
          onPick={({ id }) => change.mutate({ add_users: [id] })}
        />
      )}
      {failure !== undefined && <Callout tone="danger" role="alert" title={failure} />}
      {group.total_member_count === 0 ? (
        <Empty>Nobody is in this group yet.</Empty>
      ) : (
        <>
          <DataTable
            label="Members of the group"
            columns={columns}
            rows={group.members}
            keyOf={({ id }) => id}
            stale={stale}
            {...(changeable && {
              renderActions: (member: Member) => (
                <IconButton
                  label={`Remove ${member.username}`}
                  data-item
                  tabIndex={-1}
                  onClick={() => change.mutate({ remove_users: [member.id] })}
                >
                  <UserMinus aria-hidden />
                </IconButton>
              ),
            })}
          />
          {group.total_member_count > PAGE_SIZE && (
            <Pager of="members" page={page} size={PAGE_SIZE} count={group.total_member_count} onPage={setPage} />
          )}
        </>
      )}
    </section>
  )
}
