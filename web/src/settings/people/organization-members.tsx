import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Ellipsis, ShieldCheck, UserMinus } from "lucide-react"
import { type FormEvent, useState } from "react"
import type { Organization, OrganizationMember } from "../../../../src/contract/organizations.ts"
import { call } from "../../api/client.ts"
import { administrationQuery, type OrganizationMay } from "../../auth/administration.ts"
import { Avatar } from "../../people/avatar.tsx"
import { PeoplePicker } from "../../people/people-picker.tsx"
import { Button, IconButton } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { TextField } from "../../ui/field.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { Menu, MenuItem, useMenu } from "../../ui/menu.tsx"
import { Pager } from "../../ui/pager.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Tag } from "../../ui/tag.tsx"
import { useSettled } from "../../ui/use-settled.ts"
import { MemberRolesDialog } from "./member-roles-dialog.tsx"
import { membersChanged, membersQuery, PAGE_SIZE } from "./people-data.ts"
import { RoleTags } from "./role-tags.tsx"
import { SearchBox } from "./search-box.tsx"
import { accountTitle, StatusTag } from "./words.tsx"

const columns: ReadonlyArray<Column<OrganizationMember>> = [
  {
    title: "Member",
    cell: (member) => (
      <span className="flex h-12 items-center gap-2.5">
        <Avatar name={accountTitle(member)} />
        <span className="min-w-0">
          <span className="block truncate font-medium">{proseText(accountTitle(member))}</span>
          {member.name !== "" && <span className="block truncate text-xs text-ink-faint">{member.username}</span>}
        </span>
        {member.is_service_account && <Tag>service account</Tag>}
      </span>
    ),
  },
  {
    title: "Roles here",
    cell: ({ organization_id, roles }) => (
      <RoleTags organization={organization_id} names={roles.map(({ name }) => name)} />
    ),
  },
  { title: "Status", cell: ({ status }) => <StatusTag status={status} />, wide: true },
]

interface MembersProps {
  readonly organization: Organization
  readonly may: OrganizationMay
}

interface MemberMenuProps extends MembersProps {
  readonly member: OrganizationMember
}

const MemberMenu = ({ member, organization, may }: MemberMenuProps) => {
  const queryClient = useQueryClient()
  const menu = useMenu()
  const [act, setAct] = useState<"roles" | "remove">()
  const close = () => setAct(undefined)
  const title = proseText(organization.display_name || organization.name)
  return (
    <>
      <IconButton {...menu.button} data-item tabIndex={-1} label={`Actions for ${member.username}`}>
        <Ellipsis aria-hidden />
      </IconButton>
      <Menu of={menu} align="end">
        {may.assignsRoles && (
          <MenuItem onSelect={() => setAct("roles")}>
            <ShieldCheck aria-hidden />
            Change roles
          </MenuItem>
        )}
        {may.removesMembers && (
          <MenuItem onSelect={() => setAct("remove")}>
            <UserMinus aria-hidden />
            Remove from the organization
          </MenuItem>
        )}
      </Menu>
      {act === "roles" && (
        <MemberRolesDialog
          organization={organization.id}
          member={{ id: member.user_id, username: member.username, roles: member.roles.map(({ name }) => name) }}
          onClose={close}
        />
      )}
      {act === "remove" && (
        <ConfirmDialog
          title={`Remove ${member.username} from ${title}?`}
          about="The account leaves its groups here and may create no chats here any more. What it made stays."
          confirm="Remove"
          danger
          run={async () => {
            await call("removeMember", { path: { organization: organization.id, user: member.user_id } })
            await membersChanged(queryClient, organization.id)
          }}
          onClose={close}
        />
      )}
    </>
  )
}

interface AddByNameProps {
  readonly busy: boolean
  /** `added` when it was: what was refused stays to be put right. */
  readonly onAdd: (username: string, added: () => void) => void
}

/** For administrators of the organization who may not list the accounts of the deployment. */
const AddByName = ({ busy, onAdd }: AddByNameProps) => {
  const [username, setUsername] = useState("")
  return (
    <form
      className="flex items-end gap-2"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        onAdd(username.trim(), () => setUsername(""))
      }}
    >
      <div className="max-w-80 min-w-0 flex-1">
        <TextField
          label="Add a member"
          required
          autoComplete="off"
          spellCheck={false}
          placeholder="Username"
          value={username}
          onChange={({ target }) => setUsername(target.value)}
        />
      </div>
      <Button type="submit" busy={busy} className="h-8">
        Add
      </Button>
    </form>
  )
}

/** Who belongs to an organization and with which roles, a page at a time. */
export const OrganizationMembers = ({ organization, may }: MembersProps) => {
  const queryClient = useQueryClient()
  const seesUsers = useQuery(administrationQuery).data?.seesUsers === true
  const [text, setText] = useState("")
  const [page, setPage] = useState(0)
  const q = useSettled(text.trim())
  const found = useQuery(membersQuery(organization.id, q, page))
  const add = useMutation({
    mutationFn: async (user: string) => {
      await call("addMember", { path: { organization: organization.id, user } })
      await membersChanged(queryClient, organization.id)
    },
  })
  const failure = formErrors(add.error, []).summary
  const acts = may.assignsRoles || may.removesMembers
  return (
    <section aria-label="Members" className="flex flex-col gap-3">
      <div>
        <h2 className="text-md font-semibold">Members</h2>
        <p className="text-sm text-ink-soft">
          A person who is added may delegate work to agents here; a service account is given that as a role.
        </p>
      </div>
      <div className="grid items-end gap-3 sm:grid-cols-2">
        <SearchBox
          label="Search members"
          placeholder="Name, username or email"
          value={text}
          onChange={(next) => {
            setText(next)
            setPage(0)
          }}
        />
        {may.addsMembers &&
          (seesUsers ? (
            <PeoplePicker
              label="Add a member"
              kinds={["user"]}
              excluded={found.data?.members.map(({ user_id }) => user_id) ?? []}
              onPick={({ id }) => add.mutate(id)}
            />
          ) : (
            <AddByName busy={add.isPending} onAdd={(username, added) => add.mutate(username, { onSuccess: added })} />
          ))}
      </div>
      {failure !== undefined && <Callout tone="danger" role="alert" title={failure} />}
      {found.data === undefined ? (
        found.error === null ? (
          <LoadingRows label="Loading the members" rows={4} rowClass="h-11" />
        ) : (
          <LoadFailed
            title="The members could not be loaded"
            error={found.error}
            retrying={found.isFetching}
            onRetry={() => void found.refetch()}
          />
        )
      ) : found.data.members.length === 0 ? (
        <Empty>{q === "" ? "Nobody belongs to this organization yet." : "No member is called so."}</Empty>
      ) : (
        <>
          <DataTable
            label="Members of the organization"
            columns={columns}
            rows={found.data.members}
            keyOf={({ user_id }) => user_id}
            stale={found.isPlaceholderData}
            {...(acts && {
              renderActions: (member: OrganizationMember) => (
                <MemberMenu member={member} organization={organization} may={may} />
              ),
            })}
          />
          <Pager of="members" page={page} size={PAGE_SIZE} count={found.data.count} onPage={setPage} />
        </>
      )}
    </section>
  )
}
