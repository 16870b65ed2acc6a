import { eventWords } from "./event-words.ts"
import { type Failure, triesUpTo } from "./failure.ts"
import { type AttemptStep, type CallStep, meaningsOf, type TurnFacts, type WhyInput } from "./turn-facts.ts"
import { between, capital, clock, counted, listed, person, type Phrase, plain, sentence, strong } from "./words.ts"

/** Why something goes on, or is waited for. */

const isOver = ({ until, state }: CallStep): boolean => until !== undefined || state === "canceled"
const openCalls = ({ calls }: TurnFacts): ReadonlyArray<CallStep> => calls.filter((call) => !isOver(call))
const namesOf = (calls: ReadonlyArray<CallStep>): string => listed(calls.map(({ tool_name }) => tool_name))

const waitsForSlot = ({ here, entered, since }: TurnFacts, { now, about }: WhyInput): ReadonlyArray<Phrase> => {
  const place = now && about?.queuePosition !== undefined ? `, place ${about.queuePosition} in the line` : ""
  const because =
    entered?.event === "Yield"
      ? " It gave its slot back between two steps, so that others get their turn, or for the server to be shut down."
      : ""
  const meanwhile = here === entered || entered === undefined ? "" : ` ${capital(eventWords(here))} meanwhile.`
  return [strong("Waits for a free slot"), plain(`${place}, since ${clock(since)}.${because}${meanwhile}`)]
}

const waitsToTryAgain = (facts: TurnFacts, { now, deadlines }: WhyInput, failure: Failure): ReadonlyArray<Phrase> => {
  const delay = facts.entered?.detail["delay_ms"]
  const planned = typeof delay === "number" ? new Date(Date.parse(failure.at) + delay).toISOString() : undefined
  const at = (now ? deadlines.find(({ name }) => name === "retry")?.at : undefined) ?? planned
  const code = failure.status === undefined ? "" : ` (HTTP ${failure.status})`
  const when = at === undefined ? "later" : `at ${clock(at)}`
  return [
    strong(failure.title),
    plain(`${code}. Try ${failure.tries + 1} is made ${when}.`),
    ...(failure.message === "" ? [] : [plain(` ${sentence(failure.message)}`)]),
  ]
}

const stops = ({ journal, here, entered }: TurnFacts, input: WhyInput): ReadonlyArray<Phrase> => {
  const stop = journal.findLast((row) => row.to === here.to && row.from !== row.to) ?? entered
  const by = person(stop?.actor_user_id, input)
  const first = stop !== undefined && stop.event !== "Interrupt"
  const because = first
    ? `because ${by ?? "a person"} sent a message that goes before the rest of this turn`
    : `because ${by ?? "a person"} asked for it`
  return [strong("Stops"), plain(`, ${because}, ${clock(stop?.created_at ?? here.created_at)}.`)]
}

const asksPerson = (facts: TurnFacts, input: WhyInput): ReadonlyArray<Phrase> => {
  const { here, entered, journal } = facts
  const open = openCalls(facts)
  const asked = open.filter(({ approval }) => approval !== undefined)
  const told = journal.findLast(({ detail }) => typeof detail["undecided"] === "number")?.detail["undecided"]
  const count = typeof told === "number" && told > 0 ? told : Math.max(1, asked.length)
  const who = input.about === undefined ? "a person" : (person(input.about.ownerId, input) ?? "a person")
  const tools = namesOf(asked.length > 0 ? asked : open)
  const rest =
    here === entered || entered === undefined ? "" : ` ${capital(eventWords(here))} ${clock(here.created_at)}.`
  return [
    strong(`${capital(counted(count, "call"))} ${count === 1 ? "waits" : "wait"} for ${who}`),
    plain(`, because the rules for tools ask before ${tools === "" ? "such calls" : tools}.${rest}`),
  ]
}

const asksClient = (facts: TurnFacts, { now, deadlines }: WhyInput): ReadonlyArray<Phrase> => {
  const until = now ? deadlines.find(({ name }) => name === "client_tools")?.at : facts.entered?.detail["deadline_at"]
  const tools = namesOf(openCalls(facts))
  return [
    strong("Waits for an answer from outside"),
    plain(
      `${tools === "" ? "" : `: the model called ${tools}, which the program that began this chat answers`}${
        typeof until === "string" ? `, until ${clock(until)}` : ""
      }.`,
    ),
  ]
}

const runsCalls = (facts: TurnFacts): ReadonlyArray<Phrase> => {
  const { calls, here, entered } = facts
  const open = openCalls(facts)
  const left = open.length > 0 ? open : calls.slice(-1)
  const tools = namesOf(left)
  const run = left.length === 0 ? "Runs tools" : `Runs ${counted(left.length, "call")}`
  const moved = facts.journal.at(-2)
  const handed =
    moved !== undefined && moved.epoch !== here.epoch ? " Another server took the chat over and goes on with them." : ""
  const why =
    entered?.event === "DecideApproval" || entered?.event === "SetToolPolicy"
      ? "which are approved now"
      : "which the model asked for"
  const meanwhile =
    here === entered || entered === undefined || handed !== ""
      ? ""
      : ` ${capital(eventWords(here))} ${clock(here.created_at)}.`
  return [
    strong(run),
    plain(
      `${tools === "" ? "" : `: ${tools}`}, ${why} ${clock(entered?.created_at ?? here.created_at)}.${handed}${meanwhile}`,
    ),
  ]
}

const compacts = ({ began, since }: TurnFacts, input: WhyInput): ReadonlyArray<Phrase> => {
  const by = began?.event === "RequestCompaction" ? person(began.actor_user_id, input) : undefined
  const because = by === undefined ? "because the context of the model is nearly full" : `because ${by} asked for it`
  return [strong("Compacts the conversation"), plain(`, ${because}, since ${clock(since)}.`)]
}

const afterCrash = (last: AttemptStep, next: AttemptStep, facts: TurnFacts): ReadonlyArray<Phrase> => {
  const at = facts.journal.findIndex(({ version }) => version === next.version)
  const before = facts.journal[at - 1]
  const now = facts.journal[at]
  const handed = before !== undefined && now !== undefined && before.epoch !== now.epoch
  return handed
    ? [
        strong("The server died"),
        plain(` in the middle of a reply that was begun ${clock(last.since)}. `),
        strong(`Another owner (epoch ${now.epoch})`),
        plain(` took the chat over ${clock(next.since)} and asked the model again.`),
      ]
    : [
        strong("The reply was cut off"),
        plain(
          ` on our side, ${between(last.since, next.since)} after it had begun. The model was asked again ${clock(next.since)}.`,
        ),
      ]
}

/** An attempt is under way, or is about to be. */
const asksModel = (facts: TurnFacts, { about }: WhyInput): ReadonlyArray<Phrase> => {
  const { attempts, replies, here } = facts
  const attempt = attempts.at(-1)
  const before = attempts.at(-2)
  if (attempt === undefined || attempt.end !== undefined) {
    if (here.event === "Steer") return [strong("Takes in what was said meanwhile"), plain(", and asks the model next.")]
    return [strong("Asks the model next"), plain(`: ${eventWords(here)} ${clock(here.created_at)}.`)]
  }
  if (before?.end === "crashed" && before.ended_version === attempt.version) return afterCrash(before, attempt, facts)
  const model = about?.models.get(attempt.model_config_id ?? "")
  const named = model === undefined ? "The model" : model
  const tries = triesUpTo(attempts, attempt.version)
  const failed = attempts.findLast(({ end }) => end === "retried" || end === "failed")
  if (tries > 1 && failed !== undefined) {
    const words = failed.failure?.message
    return [
      strong(`${named} is asked again`),
      plain(
        `, try ${tries} at step ${replies + 1}, since ${clock(attempt.since)}.${words === undefined ? "" : ` Before: ${sentence(words)}`}`,
      ),
    ]
  }
  const meanwhile =
    here.version === attempt.version ? "" : ` Meanwhile: ${eventWords(here)}, ${clock(here.created_at)}.`
  return [strong(`${named} is asked`), plain(` for step ${replies + 1}, since ${clock(attempt.since)}.${meanwhile}`)]
}

export const activeSentence = (
  facts: TurnFacts,
  input: WhyInput,
  failure: Failure | undefined,
): ReadonlyArray<Phrase> => {
  const { here } = facts
  const { tags, effects } = meaningsOf(input.definition)(here.to)
  if (tags.has("waits-for-slot")) return waitsForSlot(facts, input)
  if (failure !== undefined) return waitsToTryAgain(facts, input, failure)
  if (tags.has("asks-person")) return asksPerson(facts, input)
  if (tags.has("asks-client")) return asksClient(facts, input)
  if (effects.has("finishInterruption")) return stops(facts, input)
  if (tags.has("works-on-calls")) return runsCalls(facts)
  if (effects.has("compact")) return compacts(facts, input)
  if (tags.has("asks-model")) return asksModel(facts, input)
  return [strong(capital(eventWords(here))), plain(`, ${clock(here.created_at)}.`)]
}
