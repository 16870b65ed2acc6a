import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { MessageRole, Part } from "../../contract/parts.ts"
import { jsonb } from "../engine/jsonb.ts"

/** One emitted part: one row of the log and, for every reader, the same bytes. */
export interface LoggedPart {
  readonly chat_id: ChatId
  readonly epoch: number
  readonly history_version: number
  readonly attempt: number
  readonly seq: number
  readonly role: MessageRole
  readonly part: Part
}

export class ChatParts extends Context.Tag("troupe/ChatParts")<
  ChatParts,
  {
    /** Writes parts of any number of chats at once. Those of a stale owner or of a message already written are left out. */
    readonly append: (parts: ReadonlyArray<LoggedPart>) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ChatParts,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const append = Effect.fnUntraced(function* (parts: ReadonlyArray<LoggedPart>) {
        yield* sql`
          insert into chat_parts (chat_id, history_version, attempt, seq, role, part)
          select p.chat_id, p.history_version, p.attempt, p.seq, p.role, p.part
          from json_to_recordset(${jsonb(parts)}::json) as p (chat_id uuid, epoch bigint,
            history_version bigint, attempt int, seq int, role text, part json)
          join chats c on c.id = p.chat_id and c.owner_epoch = p.epoch and c.history_version = p.history_version
            and c.generation_attempt = p.attempt
          on conflict do nothing`
      })
      return { append }
    }),
  )
}
