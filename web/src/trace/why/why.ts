import { activeSentence } from "./active-sentence.ts"
import { chainOf, type ChainLink } from "./chain.ts"
import { type Failure, failureAt } from "./failure.ts"
import { restingSentence } from "./resting-sentence.ts"
import { meaningsOf, turnFacts, type WhyInput } from "./turn-facts.ts"
import type { Phrase } from "./words.ts"

/** Why a chat is as it is: the cause in a sentence, the chain that led there, and what failed, where something did. */
export interface Why {
  readonly activity: string
  /** Since when the chat is in this state. */
  readonly since: string
  readonly sentence: ReadonlyArray<Phrase>
  readonly chain: ReadonlyArray<ChainLink>
  /** What the chat failed with, or is tried again after. */
  readonly failure: Failure | undefined
}

/** Undefined where the journal that is given does not hold the version. */
export const why = (input: WhyInput): Why | undefined => {
  const facts = turnFacts(input)
  if (facts === undefined) return undefined
  const { here, since } = facts
  const { tags } = meaningsOf(input.definition)(here.to)
  const failed = tags.has("failed") || tags.has("backing-off")
  const failure = failed && facts.entered !== undefined ? failureAt(facts.entered, facts, input) : undefined
  return {
    activity: here.to,
    since,
    sentence: tags.has("resting") ? restingSentence(facts, input, failure) : activeSentence(facts, input, failure),
    chain: chainOf(facts, input),
    failure,
  }
}
