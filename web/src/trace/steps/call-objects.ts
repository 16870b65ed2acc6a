import type { Message } from "../../../../src/contract/chats.ts"
import { rendererOf } from "../../tools/registry.ts"
import { toolCall } from "../../tools/tool-call.ts"
import { visibleText } from "../../ui/visible-text.ts"
import type { TraceSource } from "../trace-source.ts"

/** What each call was about (`npm test`), as far as messages that have it were read. */
const known = new WeakMap<TraceSource, ReadonlyMap<string, string>>()

const NONE: ReadonlyMap<string, string> = new Map()
const FACTS = { result: undefined, turnRuns: false, asked: false, denied: false }

/** With what these messages tell of their calls; the same map where that is nothing new. By the provider's id of a call. */
export const callObjects = (source: TraceSource, messages: ReadonlyArray<Message>): ReadonlyMap<string, string> => {
  const held = known.get(source) ?? NONE
  const added = messages.flatMap(({ content }) =>
    content.flatMap((part): ReadonlyArray<readonly [string, string]> => {
      if (part.type !== "tool-call" || held.has(part.tool_call_id)) return []
      const renderer = rendererOf(part.tool_name)
      return [[part.tool_call_id, visibleText(renderer.object?.(toolCall(part, FACTS, renderer)) ?? "")]]
    }),
  )
  if (added.length === 0) return held
  const next = new Map([...held, ...added])
  known.set(source, next)
  return next
}
