import type { SqlClient } from "@effect/sql/SqlClient"
import { randomUUID } from "node:crypto"
import type { OrganizationId, SessionKeyId, UserId } from "../../contract/ids.ts"
import { jsonb } from "../engine/jsonb.ts"

/** What is written down of one change. */

export type AuditActorKind = "person" | "token" | "service_account" | "agent" | "automation" | "system"
export type AuditAction = "create" | "write" | "delete" | "start" | "stop" | "login" | "logout" | "register" | "open"

/** A field that has changed. Of a secret it is kept that it has, and nothing else. */
export interface AuditChange {
  readonly old: unknown
  readonly new: unknown
  readonly secret: boolean
}

export interface AuditEntry {
  readonly requestId: string | null
  readonly organizationId: OrganizationId | null
  readonly actorKind: AuditActorKind
  readonly actorId: UserId | null
  readonly actorName: string
  readonly tokenId: SessionKeyId | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly resourceType: string
  readonly resourceId: string
  readonly resourceTarget: string
  readonly action: AuditAction
  readonly diff: Readonly<Record<string, AuditChange>>
  readonly additionalFields: Readonly<Record<string, unknown>>
}

const COLUMNS = `id, request_id, organization_id, actor_kind, actor_id, actor_name, token_id, ip, user_agent, resource_type,
  resource_id, resource_target, action, diff, additional_fields`

const values = (sql: SqlClient, entry: AuditEntry, id: string) => sql`
  ${id}::uuid, ${entry.requestId}::uuid, ${entry.organizationId}::uuid, ${entry.actorKind}, ${entry.actorId}::uuid,
  ${entry.actorName}, ${entry.tokenId}, ${entry.ip}, ${entry.userAgent}, ${entry.resourceType}, ${entry.resourceId},
  ${entry.resourceTarget}, ${entry.action}, ${jsonb(entry.diff)}::jsonb, ${jsonb(entry.additionalFields)}::jsonb`

/** The statement; `from` makes it depend on the rows of another part of a larger one. */
export const insertAudit = (sql: SqlClient, entry: AuditEntry, from?: string) => {
  const source = from === undefined ? sql`` : sql.literal(`from ${from}`)
  return sql`insert into audit_log (${sql.literal(COLUMNS)}) select ${values(sql, entry, randomUUID())} ${source}`
}

/** Writes it once, however often it is said, by an id that means it. */
export const insertAuditOnce = (sql: SqlClient, entry: AuditEntry, id: string) =>
  sql`insert into audit_log (${sql.literal(COLUMNS)}) values (${values(sql, entry, id)}) on conflict (id) do nothing`
