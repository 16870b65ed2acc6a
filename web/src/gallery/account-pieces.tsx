import { useState } from "react"
import type { Organization } from "../../../src/contract/organizations.ts"
import type { ApiKey } from "../../../src/contract/tokens.ts"
import { NoChatAccess } from "../auth/no-chat-access.tsx"
import { OrganizationPicker } from "../composer/organization-picker.tsx"
import { MadeTokenPanel } from "../settings/made-token.tsx"
import { ProfileForm } from "../settings/profile-form.tsx"
import { Rows } from "../settings/section.tsx"
import { SessionRow } from "../settings/sessions-page.tsx"
import { TokenForm } from "../settings/token-form.tsx"
import { TokenRow } from "../settings/tokens-page.tsx"
import { me } from "./fixtures.ts"

const DAY = 86_400_000
const nothing = () => undefined

const config = {
  max_token_lifetime: 365 * DAY * 1e6,
  scopes: ["all", "approve", "chat:*", "chat:create", "chat:read", "workspace:read", "audit_log:read"],
}

const key = (number: number, now: number, more: Partial<ApiKey>): ApiKey => ({
  id: `0123456789abcde${number}`,
  user_id: me.id,
  username: me.username,
  login_type: "token",
  scopes: ["all"],
  created_at: new Date(now - 9 * DAY).toISOString(),
  expires_at: new Date(now + 21 * DAY).toISOString(),
  last_used: new Date(now - 60_000).toISOString(),
  lifetime_seconds: 30 * 86_400,
  current: false,
  ...more,
})

const organization = (id: string, display_name: string, is_default: boolean): Organization => ({
  id,
  name: id,
  display_name,
  description: "",
  icon: "",
  is_default,
  created_at: "2026-03-02T09:00:00Z",
  updated_at: "2026-03-02T09:00:00Z",
})

const organizations = [organization("halden", "Halden", true), organization("tern", "Tern research", false)]

const agents = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML) Mobile/15E148 Safari/604.1",
  "curl/8.14.1",
]

/** One's own account: sessions, tokens, and what somebody without access sees. */
export const AccountPieces = () => {
  const [now] = useState(() => Date.now())
  const [chosen, setChosen] = useState("halden")
  return (
    <section aria-label="Own account" className="flex min-w-0 flex-col gap-4">
      <h2 className="border-b border-line pb-1 text-xs text-ink-faint">Own account</h2>
      <NoChatAccess />
      <div>
        <OrganizationPicker organizations={organizations} chosen={chosen} onChoose={setChosen} />
      </div>
      <ProfileForm me={me} />
      <Rows>
        {agents.map((user_agent, index) => (
          <SessionRow
            key={user_agent}
            session={key(index, now, { user_agent, ip_address: "10.0.4.12", current: index === 0 })}
            now={now}
            onEnd={nothing}
          />
        ))}
      </Rows>
      <Rows>
        <TokenRow token={key(4, now, { token_name: "ci" })} now={now} onRevoke={nothing} />
        <TokenRow
          token={key(5, now, { token_name: "night shift", scopes: ["chat:read", "chat:create", "approve"] })}
          now={now}
          onRevoke={nothing}
        />
      </Rows>
      <TokenForm config={config} onMade={nothing} onClose={nothing} />
      <MadeTokenPanel
        token={{ name: "ci", key: "0123456789abcdef-shown-once-and-nowhere-else-here" }}
        onDone={nothing}
      />
    </section>
  )
}
