import { useQuery, useSuspenseQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { User } from "../../../src/contract/identity.ts"
import { meQuery } from "../api/queries.ts"
import { roleWords } from "../auth/role-words.ts"
import { useSignOut } from "../auth/use-sign-out.ts"
import { organizationName } from "../composer/organization-picker.tsx"
import { Button } from "../ui/button.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { ownOrganizationsQuery, ownRolesQuery } from "./own-queries.ts"
import { ProfileForm } from "./profile-form.tsx"
import { SettingsPage } from "./settings-page.tsx"

interface Role {
  readonly name: string
  readonly title: string
}

interface PlaceProps {
  readonly title: string
  readonly note?: ReactNode
  readonly roles: ReadonlyArray<Role>
  /** In place of roles. */
  readonly none: string
}

/** Where somebody has roles, and what each of them is good for. */
const Place = ({ title, note, roles, none }: PlaceProps) => (
  <li className="flex flex-col gap-1.5 px-4 py-3">
    <p className="flex items-center gap-2 font-medium">
      {title}
      {note}
    </p>
    {roles.length === 0 ? (
      <p className="text-sm text-ink-soft">{none}</p>
    ) : (
      <ul className="flex flex-col gap-1">
        {roles.map(({ name, title: shown }) => (
          <li key={name} className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-sm">
            <Tag>{shown}</Tag>
            <span className="text-ink-soft">{roleWords(name) ?? "A role that the organization has made"}</span>
          </li>
        ))}
      </ul>
    )}
  </li>
)

const Belonging = ({ me }: { readonly me: User }) => {
  const organizations = useQuery(ownOrganizationsQuery)
  const roles = useQuery(ownRolesQuery)
  const error = organizations.error ?? roles.error
  if (organizations.data === undefined || roles.data === undefined) {
    if (error === null) return <LoadingRows label="Loading" rows={2} rowClass="h-16" />
    return (
      <LoadFailed
        title="Your organizations could not be loaded"
        error={error}
        retrying={organizations.isFetching || roles.isFetching}
        onRetry={() => void Promise.all([organizations.refetch(), roles.refetch()])}
      />
    )
  }
  const held = roles.data.organization_roles
  return (
    <ul className="divide-y divide-line rounded-card border border-line bg-raised shadow-low">
      <Place
        title="This deployment"
        roles={me.roles.map(({ name, display_name }) => ({ name, title: display_name || name }))}
        none="You have an account here, and no role beyond that."
      />
      {organizations.data.map((organization) => (
        <Place
          key={organization.id}
          title={organizationName(organization)}
          note={organization.is_default && <Tag>default organization</Tag>}
          roles={(held[organization.id] ?? []).map((name) => ({ name, title: name }))}
          none="You are a member, and have no role: you can read what is shared with you."
        />
      ))}
    </ul>
  )
}

/** Who is signed in. */
export const AccountPage = () => {
  const { data: me } = useSuspenseQuery(meQuery)
  const signOut = useSignOut()
  const since = new Date(me.created_at).toLocaleDateString(undefined, { dateStyle: "long" })
  return (
    <SettingsPage title="Account" note={`Here since ${since}`}>
      <ProfileForm me={me} />
      <section aria-label="What you may do" className="flex flex-col gap-4">
        <div>
          <h2 className="text-md font-semibold">What you may do</h2>
          <p className="text-sm text-ink-soft">Roles are given by administrators, and never by oneself.</p>
        </div>
        <Belonging me={me} />
      </section>
      <section aria-label="This browser" className="flex flex-wrap items-center justify-between gap-4">
        <p className="text-ink-soft">Signing out forgets the drafts that are kept in this browser.</p>
        <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      </section>
    </SettingsPage>
  )
}
