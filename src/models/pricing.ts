import Big from "big.js"
import type { ModelCost } from "../contract/models.ts"
import type { Usage } from "../contract/parts.ts"
import { sumOf } from "../providers/usage.ts"

/** What a model call costs. Computed in decimal: prices are decimal strings, and a binary fraction of one is not exact. */

type Cost = typeof ModelCost.Type

/** Which price is asked for which count. Reasoning is part of the output. */
const KINDS: ReadonlyArray<readonly [count: keyof Usage, price: keyof Cost]> = [
  ["input_tokens", "input_price_per_million_tokens"],
  ["output_tokens", "output_price_per_million_tokens"],
  ["cache_read_tokens", "cache_read_price_per_million_tokens"],
  ["cache_creation_tokens", "cache_write_price_per_million_tokens"],
]

/**
 * Millionths of a US dollar, rounded up once at the end. Null when the call is unpriced: no token kind has both a count
 * and a price. 0 is a price: the call was free.
 */
export const costMicros = (usage: Usage, cost: Cost | undefined): number | null => {
  const amounts = KINDS.flatMap(([count, price]) => {
    const tokens = usage[count]
    const perMillion = cost?.[price]
    // A dollar per million tokens is a micro-dollar per token.
    return tokens === undefined || perMillion === undefined ? [] : [new Big(perMillion).times(tokens)]
  })
  if (amounts.length === 0) return null
  const micros = amounts
    .reduce((sum, amount) => sum.plus(amount), new Big(0))
    .round(0, Big.roundUp)
    .toNumber()
  // Counts that a provider made up may cost more than there is money: no number that could be stored.
  return Number.isSafeInteger(micros) ? micros : null
}

/** What replies of models took, and what that cost in millionths of a US dollar. */
export interface Spent {
  readonly usage: Usage
  readonly costMicros: number | null
}

const COUNTS = [
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "reasoning_tokens",
  "cache_creation_tokens",
  "cache_read_tokens",
] as const satisfies ReadonlyArray<keyof Usage>

/** All of them as one. A count or a cost that is known of none of them stays unknown. */
export const spentTogether = (all: ReadonlyArray<Spent>): Spent => ({
  usage: Object.fromEntries(
    COUNTS.flatMap((count) => {
      const sum = sumOf(...all.map(({ usage }) => usage[count]))
      return sum === undefined ? [] : [[count, sum]]
    }),
  ),
  costMicros: sumOf(...all.map((spent) => spent.costMicros ?? undefined)) ?? null,
})
