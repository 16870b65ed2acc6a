import { useQuery } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import { hasStatus } from "../../api/client.ts"
import type { Administration } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { Tag } from "../../ui/tag.tsx"
import { SettingsPage } from "../settings-page.tsx"
import { type AccountAct, AccountDialog } from "./account-dialogs.tsx"
import { DangerRow, DangerZone } from "./danger-zone.tsx"
import { Gate } from "./gate.tsx"
import { KeysSection } from "./keys-section.tsx"
import { MembershipsSection } from "./memberships-section.tsx"
import { userQuery } from "./people-data.ts"
import { ProfileForm } from "./profile-form.tsx"
import { SiteRolesForm } from "./site-roles-form.tsx"
import { UpLink } from "./up-link.tsx"
import { accountTitle, Ago, exactTime, StatusTag } from "./words.tsx"

const Facts = ({ user }: { readonly user: User }) => (
  <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-soft">
    <StatusTag status={user.status} />
    {user.is_service_account && <Tag>Service account</Tag>}
    <span>
      Last seen: <Ago time={user.last_seen_at} never="never" />
    </span>
    <span>Here since {exactTime(user.created_at)}</span>
  </p>
)

interface UserProps {
  readonly user: User
  readonly may: Administration
}

const Danger = ({ user, may }: UserProps) => {
  const navigate = useNavigate()
  const [act, setAct] = useState<AccountAct>()
  const suspended = user.status === "suspended"
  if (!may.changesUsers && !may.deletesUsers) return null
  return (
    <DangerZone>
      {may.changesUsers && user.login_type === "password" && (
        <DangerRow title="Reset the password" about="All sessions end. The old password works no more.">
          <Button onClick={() => setAct("password")}>Reset password</Button>
        </DangerRow>
      )}
      {may.changesUsers && (
        <DangerRow
          title={suspended ? "Activate the account" : "Suspend the account"}
          about={suspended ? "It can be used again." : "Sessions and streams end; nothing is lost."}
        >
          <Button look={suspended ? "plain" : "danger"} onClick={() => setAct(suspended ? "activate" : "suspend")}>
            {suspended ? "Activate" : "Suspend"}
          </Button>
        </DangerRow>
      )}
      {may.deletesUsers && (
        <DangerRow title="Delete the account" about="Its chats and what the audit log says of it stay.">
          <Button look="danger" onClick={() => setAct("delete")}>
            Delete
          </Button>
        </DangerRow>
      )}
      {act !== undefined && (
        <AccountDialog
          act={act}
          user={user}
          onClose={() => setAct(undefined)}
          onDeleted={() => navigate({ to: user.is_service_account ? "/settings/service-accounts" : "/settings/users" })}
        />
      )}
    </DangerZone>
  )
}

const UserSections = ({ id, may }: { readonly id: string; readonly may: Administration }) => {
  const found = useQuery(userQuery(id))
  const user = found.data
  if (user === undefined) {
    if (found.error === null) return <LoadingRows label="Loading the user" rows={6} rowClass="h-11" />
    if (hasStatus(found.error, 404)) {
      return (
        <Callout tone="info" title="There is no such account">
          It may have been deleted. Look for it in the list of users.
        </Callout>
      )
    }
    return (
      <LoadFailed
        title="The user could not be loaded"
        error={found.error}
        retrying={found.isFetching}
        onRetry={() => void found.refetch()}
      />
    )
  }
  return (
    <>
      <Facts user={user} />
      {may.changesUsers && <ProfileForm user={user} />}
      <SiteRolesForm user={user} />
      <MembershipsSection user={user} />
      {may.seesKeys && <KeysSection user={user} may={may} />}
      <Danger user={user} may={may} />
    </>
  )
}

/** One account, and all that an administrator does with it. */
export const UserPage = () => {
  const { user: id = "" } = useParams({ strict: false })
  const user = useQuery({ ...userQuery(id), enabled: false }).data
  const up = user?.is_service_account === true ? "/settings/service-accounts" : "/settings/users"
  return (
    <SettingsPage
      title={user === undefined ? "User" : proseText(accountTitle(user))}
      {...(user !== undefined && { note: user.email === "" ? user.username : `${user.username} · ${user.email}` })}
      actions={<UpLink to={up}>{user?.is_service_account === true ? "All service accounts" : "All users"}</UpLink>}
    >
      <Gate page="users" title="Only administrators see the accounts of this deployment">
        {(may) => <UserSections key={id} id={id} may={may} />}
      </Gate>
    </SettingsPage>
  )
}
