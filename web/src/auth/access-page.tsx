import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Page } from "../shell/page.tsx"
import { SettingsPage } from "../settings/settings-page.tsx"
import { Tag } from "../ui/tag.tsx"

const Part = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section aria-label={title} className="flex flex-col gap-2">
    <h2 className="text-md font-semibold">{title}</h2>
    {children}
  </section>
)

/** How somebody comes to be allowed to start chats: for who needs it, and for who gives it. */
export const AccessPage = () => (
  <Page>
    <SettingsPage title="How access is given" beside={false}>
      <Part title="What it takes">
        <p className="text-ink-soft">
          Whoever starts a chat has an agent work in his name. That takes the role <Tag>agents-access</Tag> in an
          organization: with it one starts chats there, drives one’s own, and shares them. Being a member alone does not
          give it.
        </p>
      </Part>
      <Part title="Who gives it">
        <p className="text-ink-soft">
          Administrators of the organization, user administrators and owners of the deployment. Nobody gives it to
          himself.
        </p>
        <ol className="flex list-decimal flex-col gap-1 pl-5 text-ink-soft">
          <li>Open Settings, then Organizations, and the organization.</li>
          <li>Find the person among its members; add the person first if need be.</li>
          <li>Give the role agents-access (Coder Agents User).</li>
        </ol>
        <p className="text-ink-soft">
          New accounts of people have it from the start in the organizations that they are made in. Service accounts do
          not.
        </p>
      </Part>
      <Part title="What happens then">
        <p className="text-ink-soft">
          It counts at once, without signing in again: the page notices when you come back to it. What was written there
          is kept. Until then you can read the chats that others share with you.
        </p>
        <p>
          <Link to="/agents" className="font-medium text-accent underline underline-offset-2">
            Back to the beginning
          </Link>
        </p>
      </Part>
    </SettingsPage>
  </Page>
)
