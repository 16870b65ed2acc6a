import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { eventWords } from "./event-words.ts"
import type { Failure } from "./failure.ts"
import { meaningsOf, type TurnFacts, type WhyInput } from "./turn-facts.ts"
import { between, capital, clock, counted, person, type Phrase, plain, sentence, strong } from "./words.ts"

/** Why nothing goes on: answered, stopped and by whom, a plan that waits to be read, never begun, failed. */

/** What a person, or a message that goes first, stopped the turn with. */
const STOPS = new Set(["Interrupt", "SendMessage", "PromoteQueuedMessage"])

/** What was going on when it was stopped. */
const placeOf = (stop: ChatTransition | undefined, { definition }: WhyInput): string => {
  const { tags, effects } = meaningsOf(definition)(stop?.from ?? "")
  if (tags.has("waits-for-slot")) return " before it had begun"
  if (tags.has("works-on-calls")) return " while tools ran"
  if (tags.has("asks-person")) return " while calls waited for an approval"
  if (tags.has("backing-off")) return " while it waited to try again"
  if (effects.has("compact")) return " in the middle of a summary"
  return tags.has("asks-model") ? " in the middle of a reply" : ""
}

const stopped = (facts: TurnFacts, end: ChatTransition, input: WhyInput): ReadonlyArray<Phrase> => {
  const stop =
    end.event === "Interrupt" ? end : facts.journal.findLast(({ event, from, to }) => STOPS.has(event) && from !== to)
  const by = person(stop?.actor_user_id ?? end.actor_user_id, input)
  return [
    strong(by === undefined ? "Stopped" : `Stopped by ${by}`),
    plain(`${placeOf(stop, input)}, ${clock(stop?.created_at ?? end.created_at)}.`),
  ]
}

/** Puts a plan before a person: the last thing that such a turn does. */
const PLAN = "propose_plan"

const answered = ({ began, calls, replies, prompt }: TurnFacts, end: ChatTransition): ReadonlyArray<Phrase> => {
  const from = prompt?.queued === undefined ? began?.created_at : prompt.since
  const work = [
    ...(replies > 1 ? [counted(replies, "step")] : []),
    ...(calls.length > 0 ? [counted(calls.length, "call")] : []),
  ].join(" and ")
  const took = from === undefined ? "" : ` in ${between(from, end.created_at)}`
  const after = `${work === "" ? "" : `, after ${work}`}${took}.`
  return calls.at(-1)?.tool_name === PLAN
    ? [strong("The plan is ready"), plain(` and waits to be read${after}`)]
    : [strong("Answered"), plain(after)]
}

const failedWith = (end: ChatTransition, { title, message, status }: Failure): ReadonlyArray<Phrase> => {
  if (end.event === "ReconcileInvalidState") {
    return [
      strong("The chat was repaired"),
      plain(`: its rows were no state of the machine. ${sentence(message || title)}`),
    ]
  }
  const code = status === undefined ? "" : ` (HTTP ${status})`
  return [strong(title), plain(`${code}. ${message === "" ? "The turn ended with it." : sentence(message)}`)]
}

const ended = (facts: TurnFacts, input: WhyInput, failure: Failure | undefined): ReadonlyArray<Phrase> => {
  const end = facts.entered
  if (end === undefined) return [strong("Nothing goes on"), plain(" in this chat.")]
  if (failure !== undefined) return failedWith(end, failure)
  switch (end.event) {
    case "Interrupt":
    case "FinishInterruption":
      return stopped(facts, end, input)
    case "CommitCompaction":
      return [strong("The conversation is compacted"), plain(": the model goes on from its summary.")]
    case "ClearContext":
      return [strong("The context was cleared"), plain(": the model begins anew, and the messages stay to be read.")]
    case "FinishTurn":
      return answered(facts, end)
    default:
      return [strong(capital(eventWords(end))), plain(`, ${clock(end.created_at)}.`)]
  }
}

/** What has happened since, though nothing goes on. */
const since = ({ here, entered }: TurnFacts, input: WhyInput): ReadonlyArray<Phrase> => {
  if (here === entered) return []
  const by = person(here.actor_user_id, input)
  const did = eventWords(here)
  return [plain(` ${capital(`${by === undefined ? "" : `${by} `}${did}`)} ${clock(here.created_at)}.`)]
}

export const restingSentence = (
  facts: TurnFacts,
  input: WhyInput,
  failure: Failure | undefined,
): ReadonlyArray<Phrase> => [...ended(facts, input, failure), ...since(facts, input)]
