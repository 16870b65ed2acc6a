import { partToWire } from "../actors/streams/chat-wire.ts"
import type { Attempt } from "../contract/chats.ts"
import type { AttemptRow } from "../db/chats/reads.ts"
import { joinParts } from "../turn/interruption.ts"

/** An attempt that came to nothing, with what it had shown as the parts of one message. */
export const attemptToWire = ({ started_at, ended_at, parts, ...attempt }: AttemptRow): Attempt => ({
  ...attempt,
  started_at: started_at.toISOString(),
  ended_at: ended_at?.toISOString() ?? null,
  content: joinParts(parts.map((part) => ({ role: "assistant", part }))).map(partToWire),
})
