import { Data, type Effect } from "effect"
import type { ChatId, ToolCallId } from "../contract/ids.ts"
import type { MessageRole, Part } from "../contract/parts.ts"
import type { LoadedChat } from "../db/chats/store/loaded-chat.ts"
import type { UnknownContentVersion } from "../db/chats/content-version.ts"
import type { MessageRow, ToolCallRow } from "../db/chats/rows.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"

/** The chat has left the state that this effect belongs to, or has another owner. The effect has nothing more to say. */
export class EffectSuperseded extends Data.TaggedError("EffectSuperseded")<{ readonly chatId: ChatId }> {}

/**
 * What a chat actor offers to the effect it runs. An effect never writes chat state: it sends an event and is told, by being
 * interrupted, that the chat has moved on.
 */
export interface TurnHost {
  readonly chatId: ChatId
  /** The committed rows of now. */
  readonly state: () => LoadedChat
  /** Messages the model gets, oldest first. Kept by the actor, so a step does not read the history again. */
  readonly transcript: Effect.Effect<ReadonlyArray<MessageRow>, UnknownContentVersion>
  /** Commits a transition. Most events end the effect that sends them. */
  readonly send: (event: ChatMachineEvent) => Effect.Effect<LoadedChat, EffectSuperseded>
  /** Shows a part to whoever watches, before it is a message. */
  readonly push: (role: MessageRole, part: Part) => void
  /** Parts of the present attempt as they were shown, from the log. */
  readonly shownParts: Effect.Effect<ReadonlyArray<{ readonly role: MessageRole; readonly part: Part }>>
  /** Keeps what the database now says of a call in the actor's rows. */
  readonly noteCall: (id: ToolCallId, patch: Partial<ToolCallRow>) => void
  /** Who has stopped this one call; undefined for nobody. */
  readonly stoppedBy: (id: ToolCallId) => string | undefined
  /** Waits until somebody stops it, and tells who. */
  readonly whenStopped: (id: ToolCallId) => Effect.Effect<string>
  /** Milliseconds since the call was recorded, by the database's clock. */
  readonly callAgeMs: (id: ToolCallId) => number
  /** Why the effect is being interrupted; read only then. */
  readonly stopping: () => "user" | "shutdown"
}
