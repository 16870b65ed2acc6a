import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Data } from "effect"
import type { UserId } from "../../../contract/ids.ts"
import { isUniqueViolation } from "../../engine/sql-errors.ts"
import { insertedIds, type MessagesPlan } from "./messages.ts"
import { queuedIds, type QueuePlan } from "./queue.ts"

/** That a command was applied: `command_receipts`. Not of the machine's making: the caller brings it along. */

export interface CommandReceipt {
  readonly userId: UserId
  readonly scope: string
  readonly key: string
  readonly requestHash: string
}

/** A request with the same Idempotency-Key came first; its receipt can be read by now. */
export class ReceiptTaken extends Data.TaggedError("ReceiptTaken")<{ readonly key: string }> {}

/** The error of a statement that wrote this receipt. */
export const receiptTaken = (receipt: CommandReceipt | null) => (error: SqlError) =>
  receipt !== null && isUniqueViolation(error, "command_receipts_pkey") ? new ReceiptTaken({ key: receipt.key }) : error

/** @param written what the statement writes beside it: the ids are kept, from which the same answer is made again */
export const insertReceipt = (
  sql: SqlClient,
  receipt: CommandReceipt,
  written: Pick<MessagesPlan, "messages"> & Pick<QueuePlan, "queueInserts">,
) => sql`receipt as (
    insert into command_receipts (user_id, scope, key, request_hash, chat_id, version, result)
    select ${receipt.userId}::uuid, ${receipt.scope}, ${receipt.key}, ${receipt.requestHash}, id, snapshot_version,
      json_build_object('message_ids', coalesce(${insertedIds(sql, written.messages)}, '[]'),
        'queued_ids', coalesce(${queuedIds(sql, written)}, '[]'))::jsonb
    from fence)`
