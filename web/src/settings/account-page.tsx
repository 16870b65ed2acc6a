import { useSuspenseQuery } from "@tanstack/react-query"
import { meQuery } from "../api/queries.ts"
import { useSignOut } from "../auth/use-sign-out.ts"
import { Button } from "../ui/button.tsx"
import { Tag } from "../ui/tag.tsx"
import { SettingsPage } from "./settings-page.tsx"

/** Who is signed in. */
export const AccountPage = () => {
  const { data: me } = useSuspenseQuery(meQuery)
  const signOut = useSignOut()
  const facts = [
    ["Name", me.name || "Not given"],
    ["Username", me.username],
    ["Email", me.email],
    ["Here since", new Date(me.created_at).toLocaleDateString(undefined, { dateStyle: "long" })],
  ] as const
  return (
    <SettingsPage title="Account">
      <section aria-label="Who you are" className="rounded-card border border-line bg-raised shadow-low">
        <dl className="divide-y divide-line">
          {facts.map(([name, value]) => (
            <div key={name} className="flex min-h-10 items-center gap-4 px-4 py-2">
              <dt className="w-28 shrink-0 text-ink-faint">{name}</dt>
              <dd className="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
          <div className="flex min-h-10 items-center gap-4 px-4 py-2">
            <dt className="w-28 shrink-0 text-ink-faint">Roles</dt>
            <dd className="flex flex-wrap gap-1.5">
              {me.roles.length === 0 ? (
                <Tag>Member</Tag>
              ) : (
                me.roles.map((role) => <Tag key={role.name}>{role.display_name || role.name}</Tag>)
              )}
            </dd>
          </div>
        </dl>
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
