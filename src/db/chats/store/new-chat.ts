import type { SqlClient } from "@effect/sql/SqlClient"
import type {
  ChatId,
  ServerInstanceId,
  McpServerId,
  MessageId,
  ModelConfigId,
  OrganizationId,
  UserId,
  WorkspaceId,
} from "../../../contract/ids.ts"
import { type AuditEntry, insertAudit } from "../../audit/audit-row.ts"
import { jsonb } from "../../engine/jsonb.ts"
import type { NewMessage } from "../../../machines/chat-events.ts"
import type { Activity } from "../../../machines/chat-state.ts"
import type { Capacity } from "../admission.ts"
import type { ChatRow } from "../rows.ts"
import { factsOfState } from "../state-facts.ts"
import { openAttempt } from "./attempts.ts"
import { insertJournal, type JournalEntry } from "./journal.ts"
import { insertedIds, insertMessages } from "./messages.ts"
import { type CommandReceipt, insertReceipt } from "./receipt.ts"
import { hasRoom } from "./slot-room.ts"

/** The first transition of a chat, which has no row before it. */

export interface NewChat {
  readonly id: ChatId
  readonly ownerId: UserId
  readonly organizationId: OrganizationId
  readonly title: string
  readonly clientType: "ui" | "api"
  readonly modelConfigId: ModelConfigId
  readonly planMode: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly mcpServerIds: ReadonlyArray<McpServerId>
  readonly dynamicTools: ReadonlyArray<unknown>
  readonly toolPolicy: ReadonlyArray<unknown>
  readonly workspaceId: WorkspaceId | null
  readonly activity: Activity
  readonly resume: string
  /** 1 where the chat begins its work with its creation, which then opens the first attempt; else 0. */
  readonly attempt: number
  readonly messages: ReadonlyArray<NewMessage>
  readonly journal: JournalEntry
  readonly machineVersion: number
  readonly receipt: CommandReceipt | null
  /** What is written down of the creation. */
  readonly audit: AuditEntry | undefined
  /** The limits by which a slot was given to the chat; absent where it has none. */
  readonly slotLimits?: Capacity
}

export interface CreatedRow extends ChatRow {
  /** Of the chat's messages, in order. */
  readonly message_ids: ReadonlyArray<MessageId>
}

/** The insert stands where a transition has its fence. The creator owns the chat at epoch 1. */
const insertChat = (sql: SqlClient, chat: NewChat, owner: ServerInstanceId) => {
  const facts = factsOfState(chat.activity)
  const scope = {
    chatId: sql`${chat.id}::uuid`,
    ownerId: sql`${chat.ownerId}::uuid`,
    organizationId: sql`${chat.organizationId}::uuid`,
  }
  return sql`fence as (
    insert into chats (id, owner_id, organization_id, title, client_type, last_model_config_id, plan_mode, labels,
      mcp_server_ids, dynamic_tools, tool_policy, workspace_id, activity, owned, working, holds_slot, waits_for_slot,
      resume, generation_attempt, turn_plan_mode, machine_version, owner_instance, owner_epoch, history_version,
      pending_since)
    select ${chat.id}::uuid, ${chat.ownerId}, ${chat.organizationId}, ${chat.title}, ${chat.clientType},
      ${chat.modelConfigId}, ${chat.planMode}, ${jsonb(chat.labels)}::jsonb,
      array(select jsonb_array_elements_text(${jsonb(chat.mcpServerIds)}::jsonb)::uuid),
      ${jsonb(chat.dynamicTools)}::jsonb, ${jsonb(chat.toolPolicy)}::jsonb, ${chat.workspaceId}, ${chat.activity},
      ${facts.owned}, ${facts.working}, ${facts.holds_slot}, ${facts.waits_for_slot},
      ${chat.resume}, ${chat.attempt}, ${chat.attempt > 0 && chat.planMode}, ${chat.machineVersion}, ${owner}, 1, 1,
      case when ${facts.waits_for_slot} then now() end
    ${chat.slotLimits === undefined ? sql`` : sql`where ${hasRoom(sql, scope, chat.slotLimits)}`}
    returning *)`
}

/** The one statement of a creation. */
export const create = (sql: SqlClient, chat: NewChat, owner: ServerInstanceId) => {
  const { messages, receipt } = chat
  const parts = [
    insertChat(sql, chat, owner),
    insertMessages(sql, messages, 0),
    ...(chat.attempt === 0 ? [] : [openAttempt(sql, chat.modelConfigId)]),
    insertJournal(sql, chat.journal),
    ...(chat.audit === undefined ? [] : [sql`audited as (${insertAudit(sql, chat.audit, "fence")})`]),
    ...(receipt === null ? [] : [insertReceipt(sql, receipt, { messages, queueInserts: [] })]),
  ]
  return sql<CreatedRow>`
    with ${sql.csv(parts)}
    select fence.*, coalesce(${insertedIds(sql, messages)}, '[]') as message_ids from fence`
}
