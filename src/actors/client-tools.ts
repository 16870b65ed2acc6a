import { Context, Data, Effect, Layer } from "effect"
import type { ToolResultsRequest } from "../contract/chats.ts"
import type { LoadedChat } from "../db/chat-commit.ts"
import type { Actor } from "../identity/policy.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./chat-access.ts"
import { ChatHost } from "./chat-host.ts"
import { refusalOf } from "./commands.ts"
import { InvalidInput } from "./input-parts.ts"
import { resultMessage } from "./plan-commit.ts"

/** The results do not fit the calls that the chat waits for. */
export class ToolResultsMismatch extends Data.TaggedError("ToolResultsMismatch")<{
  readonly field: string
  readonly message: string
}> {}

type Results = ToolResultsRequest["results"]

/** Checked in the order that clients of the reference rely on. */
const mismatch = (results: Results, state: LoadedChat): ToolResultsMismatch | undefined => {
  const seen = new Set<string>()
  for (const [index, { tool_call_id }] of results.entries()) {
    if (seen.has(tool_call_id)) {
      return new ToolResultsMismatch({ field: `results[${index}].tool_call_id`, message: "is there twice" })
    }
    seen.add(tool_call_id)
  }
  const missing = state.openCalls.find((call) => !seen.has(call.provider_call_id))
  if (missing !== undefined) {
    const message = `must answer every pending call; ${missing.provider_call_id} is missing`
    return new ToolResultsMismatch({ field: "results", message })
  }
  const pending = new Set(state.openCalls.map((call) => call.provider_call_id))
  const unexpected = results.findIndex((result) => !pending.has(result.tool_call_id))
  if (unexpected !== -1) {
    return new ToolResultsMismatch({ field: `results[${unexpected}].tool_call_id`, message: "is not a pending call" })
  }
  const empty = results.findIndex((result) => result.output === undefined)
  if (empty !== -1) return new ToolResultsMismatch({ field: `results[${empty}].output`, message: "is required" })
  return undefined
}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess

  /** The first complete submission wins; a later one finds the chat gone on. */
  const submit = Effect.fn("ClientTools.submit")(function* (
    actor: Actor,
    chatId: string,
    { results }: ToolResultsRequest,
    idempotency?: Idempotency,
  ) {
    const row = yield* access.check(actor, chatId, "converse")
    if (results.length === 0 && !row.archived) {
      return yield* new InvalidInput({ field: "results", message: "must not be empty" })
    }
    const receipt = receiptFor(actor, idempotency)
    const event = (state: LoadedChat) =>
      Effect.gen(function* () {
        yield* access.notRepeated(receipt)
        const at = new Date().toISOString()
        const complete: ChatMachineEvent = {
          type: "CompleteRequiresAction",
          results: state.openCalls.flatMap((call) => {
            const given = results.find((result) => result.tool_call_id === call.provider_call_id)
            if (given === undefined) return []
            return [resultMessage(call, { result: given.output, isError: given.is_error ?? false, at })]
          }),
        }
        if (state.row.activity !== "requires_action.client_tools") return yield* refusalOf(state, complete)
        const fault = mismatch(results, state)
        if (fault !== undefined) return yield* fault
        return complete
      })
    yield* host
      .send(chatId, { event, actorUserId: actor.userId, receipt })
      .pipe(Effect.catchTag("Repeated", () => Effect.void))
  })

  return { submit }
})

export class ClientTools extends Context.Tag("troupe/ClientTools")<ClientTools, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ClientTools, make)
}
