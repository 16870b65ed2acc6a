import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Data, Effect, Layer, Option } from "effect"
import type { NewMessage } from "../../machines/chat-events.ts"
import type { ChatCommit, CommandReceipt, Committed, JournalEntry, LoadedChat, NewChat } from "./commit.ts"
import type { ChatRow, QueuedRow, ToolCallRow } from "./rows.ts"
import { jsonb } from "../jsonb.ts"
import { SUSPECT_FROM } from "./instances.ts"
import { isUniqueViolation } from "../sql-errors.ts"
import { factsOfState } from "./state-facts.ts"

/**
 * The only writer of chat state. One accepted transition is one SQL statement, and so one transaction and one round trip:
 * the fence (`owner_epoch` and `snapshot_version`) gives the new version to every other part of the statement, and when it
 * finds no row nothing at all is written.
 */

/** Another owner has the chat, or it is gone. Whoever gets this stops. */
export class FenceLost extends Data.TaggedError("FenceLost")<{ readonly chatId: string; readonly epoch: number }> {}

/** The chat was to begin to run, and the slot that it was granted has been given up by what came before. It waits on. */
export class NoSlot extends Data.TaggedError("NoSlot")<{ readonly chatId: string }> {}

/** A request with the same Idempotency-Key came first; its receipt can be read by now. */
export class ReceiptTaken extends Data.TaggedError("ReceiptTaken")<{ readonly key: string }> {}

const messageRecords = (messages: ReadonlyArray<NewMessage>) =>
  jsonb(
    messages.map((message, ord) => ({
      ord,
      role: message.role,
      visibility: message.visibility,
      content: message.content,
      model_config_id: message.modelConfigId,
      created_by: message.createdBy,
      runtime_ms: message.runtimeMs === "step" ? undefined : message.runtimeMs,
      of_step: message.runtimeMs === "step",
      total_cost_micros: message.costMicros,
      provider_response_id: message.responseId,
      provider_origin: message.origin,
      finish_reason: message.finishReason,
      compressed: message.compressed ?? false,
      ...message.usage,
    })),
  )

const receiptTaken = (receipt: CommandReceipt | null) => (error: SqlError) =>
  receipt !== null && isUniqueViolation(error, "command_receipts_pkey") ? new ReceiptTaken({ key: receipt.key }) : error

interface CommittedRow {
  readonly snapshot_version: number
  readonly updated_at: Date
  readonly admitted_at: Date | null
  readonly message_ids: ReadonlyArray<number> | null
  readonly queued_ids: ReadonlyArray<number> | null
}

const committedOf = (row: CommittedRow): Committed => ({
  version: row.snapshot_version,
  at: row.updated_at,
  admittedAt: row.admitted_at,
  messageIds: row.message_ids ?? [],
  queuedIds: row.queued_ids ?? [],
})

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  /** Milliseconds of the attempts at a history. After one that is to be tried again the wait counts as well; a wait for a slot does not. */
  const attemptsMs = (historyVersion: number) => sql`(
    select extract(epoch from sum(coalesce(case when reason = 'retry' then next_at else ended_at end, now()) - started_at)) * 1000
    from (
      select started_at, ended_at, reason, lead(started_at) over (order by attempt) as next_at
      from chat_attempts a where a.chat_id = fence.id and a.history_version = ${historyVersion}
    ) attempts)::bigint`

  /** The milliseconds of a message's step, longer by the time that the chat has been in the activity it leaves. */
  const longerRuntime = (fromActivity: string) => sql`coalesce(m.runtime_ms, 0) + (
    select extract(epoch from now() - t.created_at) * 1000 from chat_transitions t
    where t.chat_id = m.chat_id and t.to_activity = ${fromActivity} and t.from_activity <> ${fromActivity}
    order by t.version desc limit 1)::bigint`

  const insertMessages = (messages: ReadonlyArray<NewMessage>, historyVersion: number) => sql`
    insert into chat_messages (chat_id, created_version, role, visibility, content, model_config_id, created_by,
      input_tokens, output_tokens, total_tokens, reasoning_tokens, cache_creation_tokens, cache_read_tokens,
      context_limit, total_cost_micros, runtime_ms, provider_response_id, provider_origin, finish_reason,
      compressed)
    select fence.id, fence.snapshot_version, m.role, m.visibility, m.content, m.model_config_id, m.created_by,
      m.input_tokens, m.output_tokens, m.total_tokens, m.reasoning_tokens, m.cache_creation_tokens, m.cache_read_tokens,
      m.context_limit, m.total_cost_micros, case when m.of_step then ${attemptsMs(historyVersion)} else m.runtime_ms end,
      m.provider_response_id, m.provider_origin, m.finish_reason,
      m.compressed
    from fence, jsonb_to_recordset(${messageRecords(messages)}::jsonb) as m (ord int, role text, visibility text,
      content jsonb, model_config_id uuid, created_by uuid, input_tokens bigint, output_tokens bigint,
      total_tokens bigint, reasoning_tokens bigint, cache_creation_tokens bigint, cache_read_tokens bigint,
      context_limit bigint, total_cost_micros bigint, runtime_ms bigint, of_step boolean, provider_response_id text, provider_origin text,
      finish_reason text, compressed boolean)
    order by m.ord
    returning id`

  const insertJournal = (journal: JournalEntry, toActivity: string, machineVersion: number) => sql`
    insert into chat_transitions (chat_id, version, event, detail, from_activity, to_activity, actor_user_id, epoch,
      machine_version, duration_us)
    select id, snapshot_version, ${journal.event}, ${jsonb(journal.detail)}::jsonb, ${journal.fromActivity},
      ${toActivity}, ${journal.actorUserId}::uuid, owner_epoch, ${machineVersion},
      ${Math.max(0, Math.round(performance.now() * 1000 - journal.startedAtUs))}
    from fence`

  const insertReceipt = (receipt: CommandReceipt, withMessages: boolean, withQueue: boolean) => sql`
    insert into command_receipts (user_id, scope, key, request_hash, chat_id, version, result)
    select ${receipt.userId}::uuid, ${receipt.scope}, ${receipt.key}, ${receipt.requestHash}, id, snapshot_version,
      jsonb_build_object(
        'message_ids', ${withMessages ? sql`(select coalesce(jsonb_agg(id order by id), '[]') from inserted_messages)` : sql`'[]'::jsonb`},
        'queued_ids', ${withQueue ? sql`(select coalesce(jsonb_agg(id order by id), '[]') from inserted_queue)` : sql`'[]'::jsonb`})
    from fence`

  /** @returns the committed row with its message ids; the creator owns the chat at epoch 1. */
  const create = Effect.fn("ChatCommits.create")(function* (chat: NewChat, owner: string) {
    const facts = factsOfState(chat.activity)
    const rows = yield* sql<ChatRow & { readonly message_ids: ReadonlyArray<number> }>`
      with fence as (
        insert into chats (id, owner_id, organization_id, title, client_type, last_model_config_id, plan_mode, labels,
          mcp_server_ids, dynamic_tools, tool_policy, workspace_id, activity, owned, working, holds_slot, waits_for_slot, resume, generation_attempt,
          turn_plan_mode, machine_version, owner_instance, owner_epoch, history_version, pending_since)
        values (${chat.id}, ${chat.ownerId}, ${chat.organizationId}, ${chat.title}, ${chat.clientType},
          ${chat.modelConfigId}, ${chat.planMode}, ${jsonb(chat.labels)}::jsonb,
          array(select jsonb_array_elements_text(${jsonb(chat.mcpServerIds)}::jsonb)::uuid), ${jsonb(chat.dynamicTools)}::jsonb, ${jsonb(chat.toolPolicy)}::jsonb,
          ${chat.workspaceId}, ${chat.activity}, ${facts.owned}, ${facts.working}, ${facts.holds_slot}, ${facts.waits_for_slot},
          ${chat.resume}, ${chat.attempt}, ${chat.attempt > 0 && chat.planMode}, ${chat.machineVersion}, ${owner}, 1, 1, case when ${facts.waits_for_slot} then now() end)
        returning *
      ),
      inserted_messages as (${insertMessages(chat.messages, 0)}),
      journal as (${insertJournal(chat.journal, chat.activity, chat.machineVersion)})
      ${
        chat.attempt === 0
          ? sql``
          : sql`, opened_attempt as (
              insert into chat_attempts (chat_id, history_version, attempt, model_config_id)
              select id, history_version, generation_attempt, last_model_config_id from fence)`
      }
      ${chat.receipt ? sql`, receipt as (${insertReceipt(chat.receipt, true, false)})` : sql``}
      select fence.*, (select json_agg(id order by id) from inserted_messages) as message_ids from fence`.pipe(
      Effect.mapError(receiptTaken(chat.receipt)),
    )
    const [row] = rows
    if (row === undefined) return yield* Effect.dieMessage("insert into chats returned no row")
    return row
  })

  const commit = Effect.fn("ChatCommits.commit")(function* (c: ChatCommit) {
    const to = c.columns
    const facts = factsOfState(to.activity)
    const rows = yield* sql<CommittedRow>`
      with fence as (
        update chats set
          snapshot_version = snapshot_version + 1,
          history_version = case when ${c.historyChanged} then snapshot_version + 1 else history_version end,
          queue_version = case when ${c.queueChanged} then snapshot_version + 1 else queue_version end,
          retry_state_version = case when ${c.retryChanged} then snapshot_version + 1 else retry_state_version end,
          activity = ${to.activity}, owned = ${facts.owned}, working = ${facts.working}, holds_slot = ${facts.holds_slot},
          waits_for_slot = ${facts.waits_for_slot}, plan_mode = ${to.planMode}, turn_plan_mode = ${to.turnPlanMode}, archived = ${to.archived}, resume = ${to.resume},
          turn_steps = ${to.turnSteps}, generation_attempt = ${to.generationAttempt},
          recovery_attempts = ${to.recoveryAttempts}, suspicion = case when ${c.historyChanged} then 0 else suspicion end,
          on_trial = on_trial and not ${c.historyChanged}, last_model_config_id = ${to.lastModelConfigId}::uuid,
          last_error = ${to.lastError === null ? null : jsonb(to.lastError)}::jsonb,
          retry_state = ${to.retryState === null ? null : jsonb(to.retryState)}::jsonb,
          requires_action_deadline_at = ${to.requiresActionDeadlineAt}::timestamptz,
          machine_version = ${c.machineVersion},
          pending_since = case when ${facts.waits_for_slot} then coalesce(pending_since, now()) end,
          admitted_at = case when ${facts.waits_for_slot} then admitted_at end,
          yielded = ${to.yielded},
          pin_order = case when archived <> ${to.archived} then 0 else pin_order end,
          updated_at = case when ${c.touchesUpdatedAt} then now() else updated_at end
        where id = ${c.chatId} and owner_epoch = ${c.epoch} and snapshot_version = ${c.version}
          ${c.takesSlot === "row" ? sql`and admitted_at is not null` : sql``}
        returning id, snapshot_version, history_version, owner_epoch, updated_at, admitted_at
      )
      ${c.messages.length > 0 ? sql`, inserted_messages as (${insertMessages(c.messages, c.historyVersion)})` : sql``}
      ${
        c.removeMessagesFrom === null
          ? c.workedOnCallsOf === null
            ? sql``
            : sql`, longer_step as (
              update chat_messages m set runtime_ms = ${longerRuntime(c.journal.fromActivity)} from fence
              where m.id = ${c.workedOnCallsOf} and m.chat_id = fence.id)`
          : sql`, removed_messages as (
              update chat_messages m set removed_version = fence.snapshot_version,
                runtime_ms = case when m.id = ${c.workedOnCallsOf}::bigint then ${longerRuntime(c.journal.fromActivity)}
                  else m.runtime_ms end
              from fence
              where m.chat_id = fence.id and m.id >= ${c.removeMessagesFrom} and m.removed_version is null)
            , dropped_calls as (
              update tool_calls t set answered_version = fence.snapshot_version,
                state = case when t.state = 'done' then 'done' else 'canceled' end
              from fence where t.chat_id = fence.id and t.message_id >= ${c.removeMessagesFrom}
                and t.answered_version is null)`
      }
      ${
        c.queueInserts.length === 0
          ? sql``
          : sql`, inserted_queue as (
              insert into chat_queued_messages (chat_id, created_version, position, kind, content, model_config_id, created_by)
              select fence.id, fence.snapshot_version, q.position, q.kind, q.content, q.model_config_id, q.created_by
              from fence, jsonb_to_recordset(${jsonb(
                c.queueInserts.map((row) => ({
                  position: row.position,
                  kind: row.kind,
                  content: row.input.content,
                  model_config_id: row.input.modelConfigId,
                  created_by: row.input.createdBy,
                })),
              )}::jsonb) as q (position bigint, kind text, content jsonb, model_config_id uuid, created_by uuid)
              order by q.position
              returning id)`
      }
      ${
        c.queueRemoves.length === 0
          ? sql``
          : sql`, removed_queue as (
              update chat_queued_messages q set removed_version = fence.snapshot_version from fence
              where q.chat_id = fence.id and q.removed_version is null and ${sql.in("q.id", c.queueRemoves)})`
      }
      ${
        c.queueMoves.length === 0
          ? sql``
          : sql`, moved_queue as (
              update chat_queued_messages q set position = m.position, kind = m.kind
              from fence, jsonb_to_recordset(${jsonb(c.queueMoves)}::jsonb) as m (id bigint, position bigint, kind text)
              where q.chat_id = fence.id and q.id = m.id)`
      }
      ${
        c.toolCalls.length === 0
          ? sql``
          : sql`, recorded_calls as (
              insert into tool_calls (id, chat_id, message_id, index, provider_call_id, tool_name, args, args_text,
                approval, approval_reason)
              select t.id, fence.id, (select max(id) from inserted_messages), t.index, t.provider_call_id, t.tool_name, t.args, t.args_text,
                t.approval, t.approval_reason
              from fence, jsonb_to_recordset(${jsonb(
                c.toolCalls.map((call) => ({
                  id: call.id,
                  index: call.index,
                  provider_call_id: call.providerCallId,
                  tool_name: call.toolName,
                  args: call.args,
                  args_text: call.argsText,
                  approval: call.approval,
                  approval_reason: call.approvalReason,
                })),
              )}::jsonb) as t (id uuid, index int, provider_call_id text, tool_name text, args jsonb,
                args_text text, approval text, approval_reason text))`
      }
      ${
        c.answeredCalls.length === 0
          ? sql``
          : sql`, answered_calls as (
              update tool_calls t set answered_version = fence.snapshot_version,
                state = case when a.canceled and t.state <> 'done' then 'canceled' else t.state end
              from fence, jsonb_to_recordset(${jsonb(c.answeredCalls)}::jsonb) as a (id uuid, canceled boolean)
              where t.id = a.id and t.chat_id = fence.id)`
      }
      ${
        c.approvals.length === 0
          ? sql``
          : sql`, decided_calls as (
              update tool_calls t set approval = case when d.approved then 'approved' else 'denied' end,
                approval_reason = coalesce(d.reason, t.approval_reason)
              from fence, jsonb_to_recordset(${jsonb(c.approvals)}::jsonb) as d (id uuid, approved boolean, reason text)
              where t.id = d.id and t.chat_id = fence.id)`
      }
      ${
        c.openAttempt === null
          ? sql``
          : sql`, opened_attempt as (
              insert into chat_attempts (chat_id, history_version, attempt, model_config_id)
              select id, history_version, ${to.generationAttempt}, ${c.openAttempt.modelConfigId}::uuid from fence)
            ${
              // Of a history that begins with this very transition there are no attempts that a crash could have left.
              c.historyChanged
                ? sql``
                : sql`, crashed_attempts as (
                    update chat_attempts a set ended_at = now(), reason = 'crash' from fence
                    where a.chat_id = fence.id and a.history_version = ${c.historyVersion} and a.ended_at is null)`
            }`
      }
      ${
        c.partsBecameMessages
          ? sql`, committed_attempts as (
              delete from chat_attempts a using fence where a.chat_id = fence.id
                and a.history_version = ${c.historyVersion} and (a.attempt = ${c.attemptBefore} or a.reason = 'pause')
              returning a.attempt)
            , committed_parts as (
              delete from chat_parts p using fence where p.chat_id = fence.id
                and p.history_version = ${c.historyVersion}
                and (p.attempt in (0, ${c.attemptBefore}) or p.attempt in (select attempt from committed_attempts)))`
          : c.closeAttempt === null
            ? sql``
            : sql`, closed_attempt as (
              update chat_attempts a set ended_at = now(), reason = ${c.closeAttempt} from fence
              where a.chat_id = fence.id and a.history_version = ${c.historyVersion}
                and a.attempt = ${c.attemptBefore} and a.ended_at is null)`
      }
      ${
        c.snapshot === null
          ? sql``
          : sql`, snapshot as (
              insert into chat_snapshots (chat_id, version, value, context, machine_version)
              select id, snapshot_version, ${jsonb(c.snapshot.value)}::jsonb,
                ${jsonb(c.snapshot.context)}::jsonb, ${c.machineVersion} from fence)`
      }
      ${
        c.receipt === null
          ? sql``
          : sql`, receipt as (${insertReceipt(c.receipt, c.messages.length > 0, c.queueInserts.length > 0)})`
      }
      , journal as (${insertJournal(c.journal, to.activity, c.machineVersion)})
      select snapshot_version, updated_at, admitted_at,
        ${c.messages.length > 0 ? sql`(select json_agg(id order by id) from inserted_messages)` : sql`null::json`} as message_ids,
        ${c.queueInserts.length > 0 ? sql`(select json_agg(id order by id) from inserted_queue)` : sql`null::json`} as queued_ids
      from fence`.pipe(Effect.mapError(receiptTaken(c.receipt)))
    const [row] = rows
    return row === undefined ? yield* whyNot(c) : committedOf(row)
  })

  /** Why the fence has found no row. */
  const whyNot = (c: ChatCommit) =>
    Effect.gen(function* () {
      const fenceLost = new FenceLost({ chatId: c.chatId, epoch: c.epoch })
      if (c.takesSlot !== "row") return yield* fenceLost
      const rows = yield* sql`
        select id from chats where id = ${c.chatId} and owner_epoch = ${c.epoch} and snapshot_version = ${c.version}`
      return yield* rows.length === 0 ? fenceLost : new NoSlot({ chatId: c.chatId })
    })

  /**
   * What became of a commit whose answer was lost: none when it was not carried out. Asked when the fence has refused its repeat:
   * nobody but this owner writes under its epoch, and he writes one version at a time.
   */
  const outcome = Effect.fn("ChatCommits.outcome")(function* (c: Pick<ChatCommit, "chatId" | "epoch" | "version">) {
    const idsOf = (table: "chat_messages" | "chat_queued_messages") => sql`
      (select coalesce(json_agg(t.id order by t.id), '[]') from ${sql(table)} t
        where t.chat_id = c.id and t.created_version = c.snapshot_version)`
    const rows = yield* sql<CommittedRow>`
      select c.snapshot_version, c.updated_at, c.admitted_at, ${idsOf("chat_messages")} as message_ids,
        ${idsOf("chat_queued_messages")} as queued_ids
      from chats c where c.id = ${c.chatId} and c.owner_epoch = ${c.epoch} and c.snapshot_version = ${c.version + 1}`
    return Option.map(Option.fromNullable(rows[0]), committedOf)
  })

  /**
   * Makes `instance` the owner and raises the epoch, unless a live instance has the chat. A turn that this instance had already,
   * and lost, counts one recovery attempt here, before it is tried; those of a dead one are counted by `Instances.judge`. A
   * suspect is on trial from now on. A slot that the owner before was given and did not take is free again: nobody
   * would be told of it.
   *
   * @param expiryMs silence after which an instance counts as dead
   * @returns none when the chat does not exist or another live instance owns it
   */
  const activate = Effect.fn("ChatCommits.activate")(function* (chatId: string, instance: string, expiryMs: number) {
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
        sql<QueuedRow>`select id, chat_id, position, kind, content, model_config_id, created_by, created_at
          from chat_queued_messages where chat_id = ${chatId} and removed_version is null order by position`,
        sql<
          ToolCallRow & { readonly age_ms: number }
        >`select id, chat_id, message_id, index, provider_call_id, tool_name, args, args_text, state, result,
            is_error, approval, approval_reason, created_at, started_at, finished_at,
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
  const release = Effect.fn("ChatCommits.release")(function* (chatId: string, epoch: number) {
    yield* sql`update chats set owner_instance = null where id = ${chatId} and owner_epoch = ${epoch}`
  })

  /** Ends the trial of a chat that has not brought the server down. */
  const acquit = Effect.fn("ChatCommits.acquit")(function* (chatId: string, epoch: number) {
    yield* sql`update chats set on_trial = false where id = ${chatId} and owner_epoch = ${epoch}`
  })

  return { create, commit, outcome, activate, release, acquit }
})

export class ChatCommits extends Context.Tag("troupe/ChatCommits")<
  ChatCommits,
  {
    readonly create: (
      chat: NewChat,
      owner: string,
    ) => Effect.Effect<ChatRow & { readonly message_ids: ReadonlyArray<number> }, ReceiptTaken | SqlError>
    readonly commit: (commit: ChatCommit) => Effect.Effect<Committed, FenceLost | NoSlot | ReceiptTaken | SqlError>
    readonly outcome: (
      commit: Pick<ChatCommit, "chatId" | "epoch" | "version">,
    ) => Effect.Effect<Option.Option<Committed>, SqlError>
    readonly activate: (
      chatId: string,
      instance: string,
      expiryMs: number,
    ) => Effect.Effect<Option.Option<LoadedChat>, SqlError>
    readonly release: (chatId: string, epoch: number) => Effect.Effect<void, SqlError>
    readonly acquit: (chatId: string, epoch: number) => Effect.Effect<void, SqlError>
  }
>() {
  static readonly layer = Layer.effect(ChatCommits, make)
}
