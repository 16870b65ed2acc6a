import type { ChatBoard } from "../../../src/contract/board.ts"
import { ContextMeter } from "../composer/context-ring.tsx"
import { usageOf } from "../composer/context-usage.ts"

const MICROS = 1_000_000
const CENT = 10_000

/** Prices have no currency of their own; two digits, and more of them below a cent. */
export const money = (micros: number): string =>
  micros > 0 && micros < CENT ? `$${(micros / MICROS).toFixed(4)}` : `$${(micros / MICROS).toFixed(2)}`

/** What the chat has cost, and how full its context is; nothing of what is not known. */
export const CardFacts = ({ look }: { readonly look: Pick<ChatBoard, "cost_micros" | "usage"> }) => {
  const usage = look.usage === undefined ? undefined : usageOf(look.usage, undefined)
  if (look.cost_micros === undefined && usage === undefined) return null
  return (
    <p className="flex items-center justify-end gap-2.5 text-2xs text-ink-faint tabular-nums">
      {look.cost_micros !== undefined && (
        <span>
          <span className="sr-only">Cost: </span>
          {money(look.cost_micros)}
        </span>
      )}
      {usage !== undefined && <ContextMeter usage={usage} />}
    </p>
  )
}
