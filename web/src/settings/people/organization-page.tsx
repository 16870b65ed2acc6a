import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { useState } from "react"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { call, hasStatus } from "../../api/client.ts"
import { organizationMayQuery } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { SettingsPage } from "../settings-page.tsx"
import { DangerRow, DangerZone } from "./danger-zone.tsx"
import { Gate } from "./gate.tsx"
import { OrganizationForm } from "./organization-form.tsx"
import { OrganizationMembers } from "./organization-members.tsx"
import { organizationQuery, organizationsQuery, usersChanged } from "./people-data.ts"
import { SharingForm } from "./sharing-form.tsx"
import { UpLink } from "./up-link.tsx"

const DeleteOrganization = ({ organization }: { readonly organization: Organization }) => {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  return (
    <DangerZone>
      <DangerRow title="Delete the organization" about="Its groups and roles go with it. Accounts stay.">
        <Button look="danger" onClick={() => setAsked(true)}>
          Delete
        </Button>
      </DangerRow>
      {asked && (
        <ConfirmDialog
          title={`Delete ${organization.name}?`}
          about="Its members lose their roles here, and its groups and custom roles are gone. Accounts stay, and so does what the audit log says. This cannot be taken back."
          confirm="Delete"
          danger
          run={async () => {
            await call("deleteOrganization", { path: { organization: organization.id } })
            await navigate({ to: "/settings/organizations" })
            queryClient.removeQueries({ queryKey: organizationQuery(organization.id).queryKey })
            await queryClient.invalidateQueries({ queryKey: organizationsQuery.queryKey })
            await usersChanged(queryClient)
          }}
          onClose={() => setAsked(false)}
        />
      )}
    </DangerZone>
  )
}

const OrganizationSections = ({ id }: { readonly id: string }) => {
  const found = useQuery(organizationQuery(id))
  const may = useQuery(organizationMayQuery(id))
  const organization = found.data
  if (organization === undefined || may.data === undefined) {
    const error = found.error ?? may.error
    if (error === null) return <LoadingRows label="Loading the organization" rows={6} rowClass="h-11" />
    if (hasStatus(error, 404)) {
      return (
        <Callout tone="info" title="There is no such organization">
          It may have been deleted, or you do not belong to it.
        </Callout>
      )
    }
    return (
      <LoadFailed
        title="The organization could not be loaded"
        error={error}
        retrying={found.isFetching || may.isFetching}
        onRetry={() => void Promise.all([found.refetch(), may.refetch()])}
      />
    )
  }
  return (
    <>
      {organization.description !== "" && !may.data.updates && (
        <p className="text-ink-soft">{proseText(organization.description)}</p>
      )}
      {may.data.seesMembers && <OrganizationMembers organization={organization} may={may.data} />}
      {may.data.updates && <OrganizationForm organization={organization} />}
      <SharingForm organization={organization.id} mayChange={may.data.updates} />
      {may.data.deletes && !organization.is_default && <DeleteOrganization organization={organization} />}
    </>
  )
}

/** One organization: who belongs to it and with which roles, and who may share workspaces. */
export const OrganizationPage = () => {
  const { organization: id = "" } = useParams({ strict: false })
  const organization = useQuery({ ...organizationQuery(id), enabled: false }).data
  return (
    <SettingsPage
      title={organization === undefined ? "Organization" : proseText(organization.display_name || organization.name)}
      {...(organization?.is_default === true && { note: "The default organization" })}
      actions={<UpLink to="/settings/organizations">All organizations</UpLink>}
      wide
    >
      <Gate page="organizations" title="Only administrators see the organizations here">
        {() => <OrganizationSections key={id} id={id} />}
      </Gate>
    </SettingsPage>
  )
}
