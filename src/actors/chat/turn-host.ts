import { Deferred, Effect, FiberId } from "effect"
import type { ToolCallId } from "../../contract/ids.ts"
import { transcriptAfter } from "../../db/chats/store/messages.ts"
import type { LoadedChat } from "../../db/chats/store/loaded-chat.ts"
import type { ChatReads } from "../../db/chats/reads.ts"
import type { MessageRow } from "../../db/chats/rows.ts"
import { whileInTrouble } from "../../db/engine/patience.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import type { Timings } from "../../settings.ts"
import { EffectSuperseded, type TurnHost } from "../../turn/turn-host.ts"
import type { LiveChannel } from "../streams/live-channel.ts"
import type { PartLog } from "../streams/part-log.ts"
import type { EffectSlot, EffectToken } from "./effect-slot.ts"
import type { ChatStore, ChatSubscriber } from "./snapshot.ts"

/** What the actor offers to its effects, and what it keeps for them between two steps. */
export interface TurnHosts {
  readonly see: ChatSubscriber
  readonly hostFor: (token: EffectToken) => TurnHost
}

export const makeTurnHosts = ({
  channel,
  history,
  onShown,
  partLog,
  reads,
  send,
  slot,
  store,
  timings,
}: {
  readonly store: ChatStore
  /** The messages of a chat that was only just created; else they are read when they are needed. */
  readonly history: ReadonlyArray<MessageRow> | undefined
  readonly channel: LiveChannel
  readonly partLog: PartLog["Type"]
  readonly reads: ChatReads["Type"]
  readonly timings: Pick<Timings, "effectStallMs">
  readonly slot: EffectSlot
  /** Commits what an effect says, unless the chat has left its state. */
  readonly send: (token: EffectToken, event: ChatMachineEvent) => Effect.Effect<LoadedChat, unknown>
  readonly onShown: () => void
}): TurnHosts => {
  const { chatId } = channel
  const rows = () => store.getSnapshot().context.rows
  let transcript = history
  const callsRecordedAt = new Map(rows().callsRecordedAt)
  /** Calls of which somebody waits for the stop. */
  const stops = new Map<ToolCallId, Deferred.Deferred<string>>()

  const stoppedBy = (id: ToolCallId) => rows().openCalls.find((call) => call.id === id)?.stopped_by ?? undefined

  const stopOf = (id: ToolCallId) => {
    const stop = stops.get(id) ?? Deferred.unsafeMake<string>(FiberId.none)
    stops.set(id, stop)
    return stop
  }

  const readTranscript = Effect.suspend(() =>
    transcript === undefined
      ? reads.transcript(chatId).pipe(
          whileInTrouble(timings.effectStallMs),
          Effect.catchTag("SqlError", Effect.die),
          Effect.tap((read) => Effect.sync(() => void (transcript = read))),
        )
      : Effect.succeed(transcript),
  )

  const shownParts = Effect.suspend(() => {
    channel.flush()
    const { row } = rows()
    const attempt = { historyVersion: row.history_version, attempt: row.generation_attempt, afterSeq: 0 }
    return partLog
      .settle(chatId)
      .pipe(Effect.zipRight(reads.parts(chatId, attempt)), whileInTrouble(timings.effectStallMs), Effect.orDie)
  })

  return {
    see: ({ change, rows: { openCalls } }) => {
      if (change === undefined) return
      const { commit, inserted } = change
      for (const call of commit.toolCalls) callsRecordedAt.set(call.id, commit.journal.startedAtUs / 1000)
      for (const { id, by } of commit.stoppedCalls) Deferred.unsafeDone(stopOf(id), Effect.succeed(by))
      if (openCalls.length === 0) {
        callsRecordedAt.clear()
        stops.clear()
      }
      transcript = transcriptAfter(transcript, commit, inserted)
    },
    hostFor: (token) => ({
      chatId,
      state: rows,
      transcript: readTranscript,
      send: (event) => {
        slot.progress()
        return send(token, event).pipe(Effect.mapError(() => new EffectSuperseded({ chatId })))
      },
      push: (role, part) => {
        if (!slot.isCurrent(token)) return
        slot.progress()
        onShown()
        channel.push(role, part)
      },
      shownParts,
      noteCall: (callId, patch) => {
        slot.progress()
        store.send({ type: "noted", callId, patch })
      },
      stoppedBy,
      whenStopped: (id) =>
        Effect.suspend(() => {
          const by = stoppedBy(id)
          return by === undefined ? Deferred.await(stopOf(id)) : Effect.succeed(by)
        }),
      callAgeMs: (id) => performance.now() - (callsRecordedAt.get(id) ?? 0),
      stopping: () => token.stopping,
    }),
  }
}
