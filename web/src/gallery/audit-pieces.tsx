import type { ReactNode } from "react"
import type { AuditEntry } from "../../../src/contract/audit.ts"
import { AuditEntries } from "../settings/audit/audit-entries.tsx"
import { ExportProgress } from "../settings/audit/audit-export.tsx"

/** The audit log, with every kind of actor and of change. */

const entry = (index: number, more: Partial<AuditEntry>): AuditEntry => ({
  id: `5e1f0000-0000-4000-8000-0000000000${10 + index}`,
  time: new Date(Date.UTC(2026, 10, 12, 14, 21, 36 - index)).toISOString(),
  request_id: "9b448a66-8f75-438b-8851-fb38fa9087c2",
  actor: { kind: "person", id: "u", username: "owner" },
  ip: "192.0.2.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
  resource_type: "user",
  resource_id: "u",
  resource_target: "ada",
  action: "write",
  diff: {},
  additional_fields: {},
  description: "",
  ...more,
})

const tracked = (before: unknown, after: unknown) => ({ old: before, new: after, secret: false })
const secret = { old: "", new: "", secret: true }
const organization = { id: "o", name: "default" }

const opened = [
  entry(0, {
    diff: {
      name: tracked("", "Ada \u202eecalevoL"),
      site_roles: tracked([], ["auditor", "user-admin"]),
      password_hash: secret,
    },
  }),
]

const entries = [
  entry(1, { diff: { status: tracked("active", "suspended") } }),
  entry(2, {
    actor: { kind: "token", id: "u", username: "release-engineering-with-a-long-name", token_id: "0123456789abcdef" },
    resource_type: "ai_provider",
    resource_target: "Tern gateway",
    diff: { api_key: secret },
  }),
  entry(3, {
    actor: { kind: "service_account", id: "s", username: "nightly" },
    resource_type: "chat",
    resource_target: "38595183",
    organization,
    diff: { approvals: tracked(null, [{ decision: "approve" }, { decision: "deny" }]) },
  }),
  entry(4, {
    actor: { kind: "agent", username: "ada" },
    resource_type: "chat",
    resource_target: "b875824e",
    action: "create",
  }),
  entry(5, {
    actor: { kind: "automation", username: "weekly-report" },
    resource_type: "group",
    resource_target: "reviewers",
    organization,
    action: "delete",
  }),
  entry(6, { actor: { kind: "system", username: "" }, diff: { status: tracked("active", "dormant") } }),
  entry(7, { actor: { kind: "person", id: "u", username: "ada" }, action: "login" }),
  entry(8, {
    resource_type: "deployment_setting",
    resource_target: "audit_retention",
    diff: { value: tracked({ retention_days: 0 }, { retention_days: 365 }) },
  }),
]

const Piece = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <section aria-label={name} className="flex min-w-0 flex-col gap-3">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
    {children}
  </section>
)

export const AuditPieces = () => (
  <>
    <Piece name="Audit log">
      <AuditEntries entries={entries} />
    </Piece>
    <Piece name="An entry of the audit log">
      <AuditEntries label="One entry" entries={opened} opened />
      <ExportProgress bytes={3_400_000} onStop={() => undefined} />
    </Piece>
  </>
)
