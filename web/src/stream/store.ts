import { createStore } from "@xstate/store"
import { createContext, use, useCallback, useRef, useSyncExternalStore } from "react"
import type { Message } from "../../../src/contract/chats.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"
import type { Approval } from "../../../src/contract/tool-policy.ts"
import type { SocketStatus } from "../socket/reconnecting-socket.ts"
import { addMessages, applyEvents, startOver } from "./apply.ts"
import { type ChatStream, emptyStream } from "./state.ts"

/** What a person decided about a call. */
export type Verdict = "approve" | "deny"

export interface StreamContext {
  readonly stream: ChatStream
  readonly connection: SocketStatus
  /** What was decided on this page, by tool call: the stream tells only what is left to decide. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** The live state of one chat. With `fresh`, events are a new first snapshot and replace all that is held. */
export const createStreamStore = (stream: ChatStream = emptyStream) =>
  createStore({
    context: {
      stream,
      connection: { state: "connecting", failures: 0, retryAt: undefined },
      verdicts: new Map(),
    } as StreamContext,
    on: {
      events: (context, { events, fresh }: { events: ReadonlyArray<ChatStreamEvent>; fresh: boolean }) => ({
        ...context,
        stream: applyEvents(fresh ? startOver(context.stream) : context.stream, events),
      }),
      messages: (context, { messages }: { messages: ReadonlyArray<Message> }) => ({
        ...context,
        stream: addMessages(context.stream, messages),
      }),
      approvals: (context, { approvals }: { approvals: ReadonlyArray<Approval> }) => ({
        ...context,
        stream: { ...context.stream, approvals },
      }),
      decided: (context, { calls, verdict }: { calls: ReadonlyArray<Approval>; verdict: Verdict }) => ({
        ...context,
        verdicts: new Map([...context.verdicts, ...calls.map((call) => [call.tool_call_id, verdict] as const)]),
      }),
      connection: (context, { connection }: { connection: SocketStatus }) => ({ ...context, connection }),
    },
  })

export type StreamStore = ReturnType<typeof createStreamStore>

export const StreamStoreContext = createContext<StreamStore | undefined>(undefined)

export const useStreamStore = (): StreamStore => {
  const store = use(StreamStoreContext)
  if (store === undefined) throw new Error("useStreamStore needs a StreamStoreContext above it")
  return store
}

interface Memory<T> {
  readonly context: StreamContext
  readonly select: (context: StreamContext) => T
  readonly value: T
}

/** Reads a part of the stream's state. Renders again only when the selected value is another one, by `isSame`. */
export const useStream = <T>(select: (context: StreamContext) => T, isSame: (a: T, b: T) => boolean = Object.is): T => {
  const store = useStreamStore()
  const memory = useRef<Memory<T>>(undefined)
  const subscribe = useCallback(
    (notify: () => void) => {
      const subscription = store.subscribe(notify)
      return () => subscription.unsubscribe()
    },
    [store],
  )
  return useSyncExternalStore(subscribe, () => {
    const { context } = store.getSnapshot()
    const held = memory.current
    if (held?.context === context && held.select === select) return held.value
    const next = select(context)
    const value = held !== undefined && isSame(held.value, next) ? held.value : next
    memory.current = { context, select, value }
    return value
  })
}
