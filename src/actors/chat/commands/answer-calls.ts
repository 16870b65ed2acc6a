import { Clock, Effect, Schema } from "effect"
import type { ProviderCallId } from "../../../contract/ids.ts"
import { ToolResultsRequest } from "../../../contract/chats.ts"
import type { LoadedChat } from "../../../db/chats/store/loaded-chat.ts"
import { resultMessage } from "../../../db/chats/store/call-answers.ts"
import type { ToolCallRow } from "../../../db/chats/rows.ts"
import { hasTag } from "../../../machines/chat-state.ts"
import { carriedOut, command } from "./command.ts"
import { refusalOf } from "./refusals.ts"

/** The results do not fit the calls that the chat waits for. */
export class ToolResultsMismatch extends Schema.TaggedError<ToolResultsMismatch>()("ToolResultsMismatch", {
  field: Schema.String,
  message: Schema.String,
}) {}

type Results = ToolResultsRequest["results"]

/** How many of the pending calls have each id. Some models gave one id to several calls of a reply. */
const callsById = ({ openCalls }: LoadedChat): ReadonlyMap<ProviderCallId, number> => {
  const counts = new Map<ProviderCallId, number>()
  for (const { provider_call_id } of openCalls) counts.set(provider_call_id, (counts.get(provider_call_id) ?? 0) + 1)
  return counts
}

/** Checked in the order that clients of the reference rely on. */
const mismatch = (results: Results, state: LoadedChat): ToolResultsMismatch | undefined => {
  const calls = callsById(state)
  const seen = new Map<ProviderCallId, number>()
  for (const [index, { tool_call_id }] of results.entries()) {
    const count = (seen.get(tool_call_id) ?? 0) + 1
    if (count > Math.max(1, calls.get(tool_call_id) ?? 0)) {
      return new ToolResultsMismatch({ field: `results[${index}].tool_call_id`, message: "is there twice" })
    }
    seen.set(tool_call_id, count)
  }
  const missing = state.openCalls.find((call) => !seen.has(call.provider_call_id))
  if (missing !== undefined) {
    const message = `must answer every pending call; ${missing.provider_call_id} is missing`
    return new ToolResultsMismatch({ field: "results", message })
  }
  const unexpected = results.findIndex((result) => !calls.has(result.tool_call_id))
  if (unexpected !== -1) {
    return new ToolResultsMismatch({ field: `results[${unexpected}].tool_call_id`, message: "is not a pending call" })
  }
  const empty = results.findIndex((result) => result.output === undefined)
  if (empty !== -1) return new ToolResultsMismatch({ field: `results[${empty}].output`, message: "is required" })
  return undefined
}

/** The result of each pending call, in their order: calls that share an id take its results in turn, then the last again. */
const answers = (
  results: Results,
  { openCalls }: LoadedChat,
): ReadonlyArray<readonly [ToolCallRow, Results[number]]> => {
  const taken = new Map<ProviderCallId, number>()
  return openCalls.flatMap((call) => {
    const id = call.provider_call_id
    const given = results.filter(({ tool_call_id }) => tool_call_id === id)
    const nth = taken.get(id) ?? 0
    taken.set(id, nth + 1)
    const result = given[nth] ?? given.at(-1)
    return result === undefined ? [] : [[call, result] as const]
  })
}

/** Results of the tools that the client runs. The first complete submission wins; a later one finds the chat gone on. */
export const answerCalls = command({
  name: "AnswerCalls",
  fields: ToolResultsRequest,
  permission: "converse",
  decide: (state, { fields: { results } }) =>
    Effect.gen(function* () {
      const at = new Date(yield* Clock.currentTimeMillis).toISOString()
      const event = {
        type: "CompleteRequiresAction",
        results: answers(results, state).map(([call, given]) =>
          resultMessage(call, { result: given.output, isError: given.is_error ?? false, at }),
        ),
      } as const
      if (!hasTag(state.row.activity, "asks-client")) return yield* refusalOf(state, event)
      const fault = mismatch(results, state)
      if (fault !== undefined) return yield* fault
      return event
    }),
  answer: carriedOut,
})
