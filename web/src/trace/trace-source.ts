import { createContext, useContext } from "react"
import type { ChatError } from "../../../src/contract/chat-error.ts"
import type { Attempt } from "../../../src/contract/chats.ts"
import type { ChatAtVersion, ChatMachineState, ChatTransitions } from "../../../src/contract/inspection.ts"
import type { ChatSteps } from "../../../src/contract/steps.ts"

/**
 * Where a Trace reads from: a chat of this server, or a file that was exported. All that Trace shows of a chat comes from
 * here, so that a file is looked at by the same components, and nothing of it makes a request.
 */
export interface TraceSource {
  readonly kind: "chat" | "file"
  readonly chatId: string
  /** Tells what is known of it from what is known of others. */
  readonly key: string
  readonly steps: (signal: AbortSignal) => Promise<ChatSteps>
  /** The chat's machine as it is now; of a file, as it was when it was exported. */
  readonly machine: (signal: AbortSignal) => Promise<ChatMachineState>
  /**
   * The chat right after a transition. It never changes once it is there. With a page at most the newest `tail` messages of those
   * before the message `before`; a file may give all it has.
   */
  readonly at: (version: number, signal: AbortSignal, page?: MessagesPage) => Promise<ChatAtVersion>
  /** The transitions above `after`, oldest first; `limit` is at most 1000. */
  readonly transitions: (after: number, limit: number, signal: AbortSignal) => Promise<ChatTransitions>
  readonly about: (signal: AbortSignal) => Promise<TraceAbout>
  /** Attempts that ended without a message, with what they had shown; oldest first. */
  readonly attempts: (signal: AbortSignal) => Promise<ReadonlyArray<Attempt>>
}

/** What is known of a chat beside its life. Names are what people have called things. */
export interface TraceAbout {
  readonly title: string
  readonly ownerId: string
  readonly ownerName: string
  /** Names of models, by the id. */
  readonly models: ReadonlyMap<string, string>
  /** Why its last turn failed, where it did. */
  readonly lastError: ChatError | undefined
  /** Place in the line for a slot, from 1, while it waits there. */
  readonly queuePosition: number | undefined
}

export interface MessagesPage {
  readonly tail?: number
  readonly before?: number
}

/** What is looked at: the chat as it is now (`undefined`), or as it was right after the transition to `version`. */
export interface TraceView {
  readonly source: TraceSource
  readonly version: number | undefined
  readonly goTo: (version: number | undefined) => void
}

/** For what is shown in a Trace and elsewhere alike; in a Trace, `useTraceView`. */
export const TraceContext = createContext<TraceView | undefined>(undefined)

export const TraceViewProvider = TraceContext.Provider

export const useTraceView = (): TraceView => {
  const view = useContext(TraceContext)
  if (view === undefined) throw new Error("Trace is shown without a view around it.")
  return view
}
