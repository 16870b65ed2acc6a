import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Plus } from "lucide-react"
import { useState } from "react"
import type { Organization } from "../../../../src/contract/organizations.ts"
import type { AssignableRole } from "../../../../src/contract/roles.ts"
import { call } from "../../api/client.ts"
import { type OrganizationMay, organizationMayQuery } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Rows } from "../section.tsx"
import { SettingsPage } from "../settings-page.tsx"
import { ChosenOrganization } from "./chosen-organization.tsx"
import { CustomRoleForm } from "./custom-role-form.tsx"
import { Gate } from "./gate.tsx"
import { membersChanged, organizationRolesQuery, siteRolesQuery } from "./people-data.ts"
import { RoleMatrix } from "./role-matrix.tsx"
import { byThing, roleTitle, type ThingActions } from "./role-words.ts"

/** Everything that can be allowed, in the server's order: its owners may do all of it. */
const allThings = (site: ReadonlyArray<AssignableRole>): ReadonlyArray<ThingActions> =>
  byThing(site.flatMap(({ site_permissions }) => site_permissions))

/** Of that, what some role of an organization is about. */
const thingsOfOrganizations = (
  all: ReadonlyArray<ThingActions>,
  roles: ReadonlyArray<AssignableRole>,
): ReadonlyArray<ThingActions> => {
  const about = byThing(
    roles.flatMap((role) => [...role.organization_permissions, ...role.organization_member_permissions]),
  )
  return all.filter(({ resourceType }) => about.some((thing) => thing.resourceType === resourceType))
}

interface CustomRolesProps {
  readonly organization: string
  readonly roles: ReadonlyArray<AssignableRole>
  readonly may: OrganizationMay | undefined
  readonly onEdit: (role: AssignableRole) => void
}

const CustomRoles = ({ organization, roles, may, onEdit }: CustomRolesProps) => {
  const queryClient = useQueryClient()
  const [removing, setRemoving] = useState<AssignableRole>()
  return (
    <>
      <Rows>
        {roles.map((role) => (
          <li key={role.name} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
            <div className="min-w-48 flex-1">
              <p className="truncate font-medium">{proseText(roleTitle(role))}</p>
              <p className="truncate font-mono text-xs text-ink-faint">{role.name}</p>
            </div>
            <span className="flex gap-1.5">
              {may?.updatesRoles === true && (
                <Button size="small" aria-label={`Change ${role.name}`} onClick={() => onEdit(role)}>
                  Change
                </Button>
              )}
              {may?.deletesRoles === true && (
                <Button
                  look="quiet-danger"
                  size="small"
                  aria-label={`Delete ${role.name}`}
                  onClick={() => setRemoving(role)}
                >
                  Delete
                </Button>
              )}
            </span>
          </li>
        ))}
      </Rows>
      {removing !== undefined && (
        <ConfirmDialog
          title={`Delete the role ${removing.name}?`}
          about="Members who have it lose it at once. This cannot be taken back."
          confirm="Delete"
          danger
          run={async () => {
            await call("deleteOrganizationRole", { path: { organization, role: removing.name } })
            await queryClient.invalidateQueries({ queryKey: organizationRolesQuery(organization).queryKey })
            await membersChanged(queryClient, organization)
          }}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  )
}

const OrganizationRoles = ({ organization }: { readonly organization: Organization }) => {
  const { id } = organization
  const site = useQuery(siteRolesQuery)
  const here = useQuery(organizationRolesQuery(id))
  const may = useQuery(organizationMayQuery(id)).data
  const [editing, setEditing] = useState<AssignableRole | "new">()
  if (site.data === undefined || here.data === undefined) {
    const error = site.error ?? here.error
    if (error === null) return <LoadingRows label="Loading the roles" rows={8} />
    return (
      <LoadFailed
        title="The roles could not be loaded"
        error={error}
        retrying={site.isFetching || here.isFetching}
        onRetry={() => void Promise.all([site.refetch(), here.refetch()])}
      />
    )
  }
  const all = allThings(site.data)
  const things = thingsOfOrganizations(all, here.data)
  const custom = here.data.filter(({ built_in }) => !built_in)
  const title = proseText(organization.display_name || organization.name)
  return (
    <>
      <section aria-label={`Roles in ${title}`} className="flex flex-col gap-4">
        <div className="flex flex-wrap items-end justify-between gap-4">
          <div>
            <h2 className="text-md font-semibold">Roles in {title}</h2>
            <p className="max-w-192 text-sm text-ink-soft">
              Given to members, one by one. All: on everything in the organization. Own: on what one has oneself. Never:
              refused, whatever other roles allow. Chats are created and driven, and tools approved, in one's own name
              only.
            </p>
          </div>
          {may?.createsRoles === true && editing === undefined && (
            <Button onClick={() => setEditing("new")}>
              <Plus aria-hidden className="size-4" />
              New role
            </Button>
          )}
        </div>
        {editing !== undefined && (
          <CustomRoleForm
            key={editing === "new" ? "" : editing.name}
            organization={id}
            things={things}
            role={editing === "new" ? undefined : editing}
            onClose={() => setEditing(undefined)}
          />
        )}
        {custom.length > 0 && <CustomRoles organization={id} roles={custom} may={may} onEdit={setEditing} />}
        <RoleMatrix label={`What roles in ${title} allow`} scope="organization" roles={here.data} things={things} />
      </section>
      <section aria-label="Roles of the deployment" className="flex flex-col gap-4">
        <div>
          <h2 className="text-md font-semibold">Roles of the deployment</h2>
          <p className="text-sm text-ink-soft">Given to accounts by owners. They count in every organization.</p>
        </div>
        <RoleMatrix label="What roles of the deployment allow" scope="site" roles={site.data} things={all} />
      </section>
    </>
  )
}

/** What each role allows, and the roles that are made here. */
export const RolesPage = () => (
  <SettingsPage title="Roles" note="What each of them allows" wide>
    <Gate page="roles" title="Only administrators see the roles here">
      {() => (
        <ChosenOrganization>
          {(organization) => <OrganizationRoles key={organization.id} organization={organization} />}
        </ChosenOrganization>
      )}
    </Gate>
  </SettingsPage>
)
