import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Data, Effect, Layer, Option } from "effect"
import type { ChatId, ServerInstanceId } from "../../../contract/ids.ts"
import { GroupCommit } from "../../engine/group-commit.ts"
import { SUSPECT_FROM } from "../instances.ts"
import {
  type ChatRow,
  columnList,
  QUEUED_COLUMNS,
  type QueuedRow,
  TOOL_CALL_COLUMNS,
  type ToolCallRow,
} from "../rows.ts"
import { type ChatCommit, committedOf, outcome, write } from "./commit.ts"
import type { LoadedChat, Committed } from "./loaded-chat.ts"
import { create, type CreatedRow, type NewChat } from "./new-chat.ts"
import { receiptTaken, type ReceiptTaken } from "./receipt.ts"

/**
 * The only writer of chat state. One accepted transition is one SQL statement, and so one transaction and one round trip:
 * the fence (`owner_epoch` and `snapshot_version`) gives the new version to every other part of the statement, and when it
 * finds no row nothing at all is written.
 */

/** Another owner has the chat, or it is gone. Whoever gets this stops. */
export class FenceLost extends Data.TaggedError("FenceLost")<{ readonly chatId: ChatId; readonly epoch: number }> {}

/**
 * The chat was to begin to run, and there is no slot for it: the one that its row had was given up by what came before, or the limits
 * leave no room for the one that its host gave it. Nothing was written.
 */
export class NoSlot extends Data.TaggedError("NoSlot")<{ readonly chatId: ChatId }> {}

/** By what the outcome of a commit is found. */
type CommitKey = Pick<ChatCommit, "chatId" | "epoch" | "version">

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { run } = yield* GroupCommit

  /**
   * Makes `instance` the owner and raises the epoch, unless a live instance has the chat. A turn that this instance had already,
   * and lost, counts one recovery attempt here, before it is tried; those of a dead one are counted by `Instances.judge`. A
   * suspect is on trial from now on. A slot that the owner before was given and did not take is free again: nobody
   * would be told of it.
   *
   * @param expiryMs silence after which an instance counts as dead
   * @returns none when the chat does not exist or another live instance owns it
   */
  const activate = Effect.fn("ChatCommits.activate")(function* (
    chatId: ChatId,
    instance: ServerInstanceId,
    expiryMs: number,
  ) {
    const rows = yield* sql<ChatRow>`
      update chats set owner_instance = ${instance}::uuid, owner_epoch = owner_epoch + 1, admitted_at = null,
        recovery_attempts = recovery_attempts
          + case when owner_instance = ${instance}::uuid and working then 1 else 0 end,
        on_trial = working and suspicion >= ${SUSPECT_FROM}
      where id = ${chatId} and (owner_instance is null or owner_instance = ${instance}::uuid or not exists (
        select 1 from instances i
        where i.id = chats.owner_instance and i.heartbeat_at > now() - ${expiryMs} * interval '1 millisecond'))
      returning *`
    const [row] = rows
    if (row === undefined) return Option.none<LoadedChat>()
    // Taken before the question, so that a call counts as a little too old rather than too young.
    const askedAt = performance.now()
    const [queue, calls] = yield* Effect.all(
      [
        sql<QueuedRow>`select ${sql.literal(columnList(QUEUED_COLUMNS))} from chat_queued_messages where chat_id = ${chatId} and removed_version is null order by position`,
        sql<ToolCallRow & { readonly age_ms: number }>`
          select ${sql.literal(columnList(TOOL_CALL_COLUMNS))},
            (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as age_ms
          from tool_calls where chat_id = ${chatId} and answered_version is null order by message_id, index`,
      ],
      { concurrency: 2 },
    )
    const openCalls = calls.map(({ age_ms: _, ...call }) => call)
    const callsRecordedAt = new Map(calls.map(({ id, age_ms }) => [id, askedAt - age_ms]))
    return Option.some<LoadedChat>({ row, queue, openCalls, callsRecordedAt })
  })

  /** Gives the chat up without a trace of a crash, so that the next owner does not count one. */
  const release = Effect.fn("ChatCommits.release")(function* (chatId: ChatId, epoch: number) {
    yield* sql`update chats set owner_instance = null where id = ${chatId} and owner_epoch = ${epoch}`
  })

  /** Ends the trial of a chat that has not brought the server down. */
  const acquit = Effect.fn("ChatCommits.acquit")(function* (chatId: ChatId, epoch: number) {
    yield* sql`update chats set on_trial = false where id = ${chatId} and owner_epoch = ${epoch}`
  })

  /** Why the fence has found no row. */
  const whyNot = ({ chatId, epoch, slotLimits, takesSlot, version }: ChatCommit) =>
    Effect.gen(function* () {
      const fenceLost = new FenceLost({ chatId, epoch })
      if (takesSlot !== "row" && slotLimits === undefined) return yield* fenceLost
      const rows = yield* sql`
        select id from chats where id = ${chatId} and owner_epoch = ${epoch} and snapshot_version = ${version}`
      return yield* rows.length === 0 ? fenceLost : new NoSlot({ chatId })
    })

  return {
    create: Effect.fnUntraced(function* (chat: NewChat, owner: ServerInstanceId) {
      const rows = yield* run(create(sql, chat, owner)).pipe(Effect.mapError(receiptTaken(chat.receipt)))
      const [row] = rows
      return row === undefined ? yield* new NoSlot({ chatId: chat.id }) : row
    }),
    commit: Effect.fnUntraced(function* (commit: ChatCommit) {
      const rows = yield* run(write(sql, commit)).pipe(Effect.mapError(receiptTaken(commit.receipt)))
      const [row] = rows
      return row === undefined ? yield* whyNot(commit) : committedOf(row)
    }),
    outcome: Effect.fn("ChatCommits.outcome")(function* (commit: CommitKey) {
      const rows = yield* outcome(sql, commit)
      return Option.map(Option.fromNullable(rows[0]), committedOf)
    }),
    activate,
    release,
    acquit,
  }
})

export class ChatCommits extends Context.Tag("troupe/ChatCommits")<
  ChatCommits,
  {
    /** @returns the committed row with its message ids; the creator owns the chat at epoch 1. */
    readonly create: (
      chat: NewChat,
      owner: ServerInstanceId,
    ) => Effect.Effect<CreatedRow, NoSlot | ReceiptTaken | SqlError>
    readonly commit: (commit: ChatCommit) => Effect.Effect<Committed, FenceLost | NoSlot | ReceiptTaken | SqlError>
    /** What became of a commit whose answer was lost: none when it was not carried out. */
    readonly outcome: (commit: CommitKey) => Effect.Effect<Option.Option<Committed>, SqlError>
    readonly activate: (
      chatId: ChatId,
      instance: ServerInstanceId,
      expiryMs: number,
    ) => Effect.Effect<Option.Option<LoadedChat>, SqlError>
    readonly release: (chatId: ChatId, epoch: number) => Effect.Effect<void, SqlError>
    readonly acquit: (chatId: ChatId, epoch: number) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(ChatCommits, make).pipe(Layer.provide(GroupCommit.layer))
}
