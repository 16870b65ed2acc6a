import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { organizationMayQuery } from "../../auth/administration.ts"
import { call } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Rows } from "../section.tsx"
import { AddMembership } from "./add-membership.tsx"
import { MemberRolesDialog } from "./member-roles-dialog.tsx"
import { membersChanged, organizationsQuery, userRolesQuery } from "./people-data.ts"
import { RoleTags } from "./role-tags.tsx"

interface MembershipProps {
  readonly user: User
  readonly organization: Organization
  readonly roles: ReadonlyArray<string>
}

const Membership = ({ user, organization, roles }: MembershipProps) => {
  const queryClient = useQueryClient()
  const may = useQuery(organizationMayQuery(organization.id)).data
  const [act, setAct] = useState<"roles" | "remove">()
  const title = proseText(organization.display_name || organization.name)
  const close = () => setAct(undefined)
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
      <div className="flex min-w-48 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/settings/organizations/$organization"
          params={{ organization: organization.id }}
          className="font-medium hover:underline"
        >
          {title}
        </Link>
        <RoleTags organization={organization.id} names={roles} />
      </div>
      {may?.assignsRoles === true && (
        <Button size="small" onClick={() => setAct("roles")} aria-label={`Roles in ${title}`}>
          Roles
        </Button>
      )}
      {may?.removesMembers === true && (
        <Button look="quiet-danger" size="small" onClick={() => setAct("remove")} aria-label={`Remove from ${title}`}>
          Remove
        </Button>
      )}
      {act === "roles" && (
        <MemberRolesDialog
          organization={organization.id}
          member={{ id: user.id, username: user.username, roles }}
          onClose={close}
        />
      )}
      {act === "remove" && (
        <ConfirmDialog
          title={`Remove ${user.username} from ${title}?`}
          about="The account leaves its groups there and may create no chats there any more. What it made stays."
          confirm="Remove"
          danger
          run={async () => {
            await call("removeMember", { path: { organization: organization.id, user: user.id } })
            await membersChanged(queryClient, organization.id)
          }}
          onClose={close}
        />
      )}
    </li>
  )
}

/** Which organizations an account belongs to, and with which roles. */
export const MembershipsSection = ({ user }: { readonly user: User }) => {
  const organizations = useQuery(organizationsQuery)
  const roles = useQuery(userRolesQuery(user.id))
  const error = organizations.error ?? roles.error
  const own = organizations.data?.filter(({ id }) => user.organization_ids.includes(id)) ?? []
  const others = organizations.data?.filter(({ id }) => !user.organization_ids.includes(id)) ?? []
  return (
    <section aria-label="Organizations" className="flex flex-col gap-3">
      <div>
        <h2 className="text-md font-semibold">Organizations</h2>
        <p className="text-sm text-ink-soft">Where the account belongs, and its roles there.</p>
      </div>
      {organizations.data === undefined || roles.data === undefined ? (
        error === null ? (
          <LoadingRows label="Loading the organizations" rows={2} />
        ) : (
          <LoadFailed
            title="The organizations could not be loaded"
            error={error}
            retrying={organizations.isFetching || roles.isFetching}
            onRetry={() => void Promise.all([organizations.refetch(), roles.refetch()])}
          />
        )
      ) : own.length === 0 ? (
        <Empty>It belongs to no organization, and can create no chats.</Empty>
      ) : (
        <Rows>
          {own.map((organization) => (
            <Membership
              key={organization.id}
              user={user}
              organization={organization}
              roles={roles.data.organization_roles[organization.id] ?? []}
            />
          ))}
        </Rows>
      )}
      {others.length > 0 && <AddMembership user={user} organizations={others} />}
    </section>
  )
}
