import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Layer } from "effect"
import type { ChatId } from "../../contract/ids.ts"
import type { MessageRole, Part, ToolResultPart } from "../../contract/parts.ts"
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
  /** The part takes the place of those of the same call from this number on, whose text is not kept. */
  readonly replaces_from?: number
}

type Replacing = LoggedPart & { readonly part: ToolResultPart; readonly replaces_from: number }

const isReplacing = (logged: LoggedPart): logged is Replacing =>
  logged.replaces_from !== undefined && logged.part.type === "tool-result"

/** What is left of a part that was replaced: readers count on every number. */
const emptied = ({ part: { type, tool_call_id, tool_name } }: Replacing): Part => ({
  type,
  tool_call_id,
  tool_name,
  result_delta: "",
})

const isReplacedBy =
  (logged: LoggedPart) =>
  (later: Replacing): boolean =>
    logged.part.type === "tool-result" &&
    logged.part.tool_call_id === later.part.tool_call_id &&
    logged.chat_id === later.chat_id &&
    logged.history_version === later.history_version &&
    logged.attempt === later.attempt &&
    logged.seq >= later.replaces_from &&
    logged.seq < later.seq

const withoutReplaced = (
  parts: ReadonlyArray<LoggedPart>,
  replacing: ReadonlyArray<Replacing>,
): ReadonlyArray<LoggedPart> =>
  parts.map((logged) => {
    const later = replacing.find(isReplacedBy(logged))
    return later === undefined ? logged : { ...logged, part: emptied(later) }
  })

export class ChatParts extends Context.Tag("troupe/ChatParts")<
  ChatParts,
  {
    /**
     * Writes parts of any number of chats at once. Those of a stale owner or of a message already written are left out, and text that
     * a later part replaces is not kept: what a command shows in hours is as long as what is seen of it at once.
     */
    readonly append: (parts: ReadonlyArray<LoggedPart>) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    ChatParts,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const empty = (replacing: ReadonlyArray<Replacing>) => {
        const rows = replacing.map((later) => ({
          ...{ chat_id: later.chat_id, history_version: later.history_version, attempt: later.attempt },
          ...{ replaces_from: later.replaces_from, seq: later.seq, tool_call_id: later.part.tool_call_id },
          part: emptied(later),
        }))
        return sql`
          update chat_parts p set part = r.part
          from json_to_recordset(${jsonb(rows)}::json) as r (chat_id uuid, history_version bigint, attempt int,
            replaces_from int, seq int, tool_call_id text, part json)
          where p.chat_id = r.chat_id and p.history_version = r.history_version and p.attempt = r.attempt
            and p.seq >= r.replaces_from and p.seq < r.seq and p.part->>'type' = 'tool-result'
            and p.part->>'tool_call_id' = r.tool_call_id`
      }
      const append = Effect.fnUntraced(function* (given: ReadonlyArray<LoggedPart>) {
        const replacing = given.filter(isReplacing)
        const parts = replacing.length === 0 ? given : withoutReplaced(given, replacing)
        yield* sql`
          insert into chat_parts (chat_id, history_version, attempt, seq, role, part)
          select p.chat_id, p.history_version, p.attempt, p.seq, p.role, p.part
          from json_to_recordset(${jsonb(parts)}::json) as p (chat_id uuid, epoch bigint,
            history_version bigint, attempt int, seq int, role text, part json)
          join chats c on c.id = p.chat_id and c.owner_epoch = p.epoch and c.history_version = p.history_version
            and c.generation_attempt = p.attempt
          on conflict do nothing`
        // After it: a reader that comes in between finds the text twice, and not missing.
        if (replacing.length > 0) yield* empty(replacing)
      })
      return { append }
    }),
  )
}
