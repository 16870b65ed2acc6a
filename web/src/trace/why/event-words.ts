import type { ChatTransition } from "../../../../src/contract/inspection.ts"

/** What an event of the journal was, for people: a few words in the past. */

type WordsOf = (detail: ChatTransition["detail"]) => string

const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0)
const calls = (count: number): string => `${count} ${count === 1 ? "call" : "calls"}`
const said = (words: string): WordsOf => {
  return () => words
}

const sent: WordsOf = (detail) => {
  switch (detail["busy_behavior"]) {
    case "steer":
      return "sent, to steer"
    case "interrupt":
      return "sent, to stop the turn"
    case "preempt":
      return "sent, to go first"
    default:
      return "sent"
  }
}

/** By the name of the event. A newer server, or a file, may name others. */
const words: ReadonlyMap<string, WordsOf> = new Map([
  ["Create", said("began the chat")],
  ["SendMessage", sent],
  ["EditMessage", said("edited a message")],
  ["DeleteQueuedMessage", said("took a message out of the queue")],
  ["ChangeQueuedMessage", said("changed a queued message")],
  ["PromoteQueuedMessage", said("sent a queued message at once")],
  ["Interrupt", said("stopped it")],
  ["Retry", said("tried it again")],
  ["SetArchived", (detail) => (detail["archived"] === true ? "archived the chat" : "took the chat out of the archive")],
  ["SetMode", (detail) => (detail["mode"] === "plan" ? "switched to planning" : "switched to acting")],
  ["SetToolPolicy", said("changed the rules for tools")],
  [
    "DecideApproval",
    ({ undecided }) =>
      typeof undecided === "number" && undecided > 0 ? `decided, ${calls(undecided)} left` : "decided about the calls",
  ],
  ["StopToolCall", said("stopped one call")],
  ["CompleteRequiresAction", said("the answer came from outside")],
  ["CancelRequiresAction", said("no answer came from outside in time")],
  ["RequestCompaction", said("asked to compact")],
  ["ClearContext", said("cleared the context")],
  ["Admit", said("got a slot")],
  ["Yield", said("gave the slot back")],
  ["RecordGenerationAttempt", said("the model was asked")],
  ["RecordRetryState", said("the attempt failed, to be tried again")],
  ["RecordToolCalls", (detail) => `the model asked for ${calls(countOf(detail["tool_call_ids"]))}`],
  ["RequireApproval", said("the rules asked for approval")],
  ["EnterRequiresAction", said("an answer from outside was asked for")],
  ["CommitStep", said("the results went back to the model")],
  ["Steer", said("the message that steers went in")],
  ["CommitCompaction", said("the summary took the place of the conversation")],
  ["FinishTurn", said("the model answered")],
  ["FinishInterruption", said("all of it had stopped")],
  ["FinishError", said("the turn failed")],
  ["ReconcileInvalidState", said("the chat was repaired")],
])

export const knowsEvent = (event: string): boolean => words.has(event)

export const eventWords = ({ event, detail }: Pick<ChatTransition, "event" | "detail">): string =>
  words.get(event)?.(detail) ?? event
