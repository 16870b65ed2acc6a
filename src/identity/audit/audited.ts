import type { ChatId } from "../../contract/ids.ts"
import type { AuditChange } from "../../db/audit/audit-row.ts"

/**
 * What is written down of a change, by kind of thing and field: `track` keeps the old and the new value, `secret` keeps that it has
 * changed. A field that is not named here is not written down. A later part of the product adds its own kinds here.
 */
type Mode = "track" | "secret"

export const AUDITED = {
  user: {
    username: "track",
    email: "track",
    name: "track",
    avatar_url: "track",
    status: "track",
    site_roles: "track",
    login_type: "track",
    is_service_account: "track",
    password_hash: "secret",
  },
  organization: {
    name: "track",
    display_name: "track",
    description: "track",
    icon: "track",
    shareable_workspace_owners: "track",
  },
  organization_member: { username: "track", roles: "track" },
  group: { name: "track", display_name: "track", avatar_url: "track", members: "track" },
  custom_role: { name: "track", display_name: "track", levels: "track" },
  api_key: {
    token_name: "track",
    scopes: "track",
    lifetime_seconds: "track",
    expires_at: "track",
    hashed_secret: "secret",
  },
  ai_provider: {
    type: "track",
    display_name: "track",
    enabled: "track",
    base_url: "track",
    central_api_key_enabled: "track",
    allow_user_api_key: "track",
    allow_central_api_key_fallback: "track",
    api_key: "secret",
  },
  // A title may tell what is talked about.
  chat: {
    title: "secret",
    archived: "track",
    pin_order: "track",
    labels: "track",
    workspace_id: "track",
    user_acl: "track",
    group_acl: "track",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Mode>>>>

export type AuditedType = keyof typeof AUDITED
/** The fields of a row that are written down. Others may be there. */
export type AuditedRow<Type extends AuditedType> = { readonly [Field in keyof (typeof AUDITED)[Type]]?: unknown }

/** What a chat is called where its title must not stand. */
export const chatTarget = (chatId: ChatId): string => chatId.slice(0, 8)

const asWritten = (value: unknown): string => JSON.stringify(value ?? null)

/** What has changed from one row to the other; all of it, where one of them is not there. */
export const diffOf = <Type extends AuditedType>(
  type: Type,
  before: AuditedRow<Type> | undefined,
  after: AuditedRow<Type> | undefined,
): Readonly<Record<string, AuditChange>> => {
  const changes: Record<string, AuditChange> = {}
  const modes: Readonly<Record<string, Mode>> = AUDITED[type]
  const valueOf = (row: Readonly<Record<string, unknown>> | undefined, field: string) => row?.[field] ?? null
  for (const [field, mode] of Object.entries(modes)) {
    const [old, now] = [valueOf(before, field), valueOf(after, field)]
    if (asWritten(old) === asWritten(now)) continue
    changes[field] = mode === "secret" ? { old: "", new: "", secret: true } : { old, new: now, secret: false }
  }
  return changes
}
