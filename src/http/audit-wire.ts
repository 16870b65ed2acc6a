import type { AuditEntry } from "../contract/audit.ts"
import type { AuditRow } from "../db/audit/audit-log.ts"

const VERBS: Readonly<Record<AuditRow["action"], string>> = {
  create: "added",
  write: "changed",
  delete: "removed",
  start: "started",
  stop: "stopped",
  login: "signed in as",
  logout: "signed out as",
  register: "registered",
  open: "looked into",
}

/** What the server does by itself is nobody's; who works at its command line has a name here and no account. */
const actorOf = (row: AuditRow): string => row.actor_name || "The server"

export const auditToWire = (row: AuditRow): AuditEntry => ({
  id: row.id,
  time: row.time.toISOString(),
  ...(row.request_id !== null && { request_id: row.request_id }),
  ...(row.organization_id !== null && {
    organization: { id: row.organization_id, name: row.organization_name ?? "" },
  }),
  actor: {
    kind: row.actor_kind,
    ...(row.actor_id !== null && { id: row.actor_id }),
    username: row.actor_name,
    ...(row.token_id !== null && { token_id: row.token_id }),
  },
  ...(row.ip !== null && { ip: row.ip }),
  ...(row.user_agent !== null && { user_agent: row.user_agent }),
  resource_type: row.resource_type,
  resource_id: row.resource_id,
  resource_target: row.resource_target,
  action: row.action,
  diff: row.diff,
  additional_fields: row.additional_fields,
  description: `${actorOf(row)} ${VERBS[row.action]} the ${row.resource_type.replaceAll("_", " ")} ${row.resource_target}`,
})
