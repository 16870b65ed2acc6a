import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { MachineGraph } from "../../../../src/contract/inspection.ts"
import { LoadFailed } from "../../ui/list-states.tsx"
import { chartQuery } from "./chart-layout.ts"
import { Statechart } from "./statechart.tsx"
import { ToldPart } from "./told-part.tsx"

const NOTHING_LIT: ReadonlyArray<string> = []

/** The machine itself, with no chat in it. */
export const DefinitionChart = ({ definition }: { readonly definition: MachineGraph }) => {
  const [told, setTold] = useState<string>()
  const { data: drawn, error, refetch } = useQuery(chartQuery(definition))
  if (drawn === undefined) {
    return error === null ? (
      <div role="status" aria-label="Drawing the machine" className="skeleton aspect-[4/5] w-full max-w-xl" />
    ) : (
      <LoadFailed title="The machine could not be drawn" error={error} onRetry={() => void refetch()} />
    )
  }
  return (
    <div className="flex max-w-xl flex-col gap-2">
      <Statechart
        drawn={drawn}
        leaves={NOTHING_LIT}
        accepts={undefined}
        last={undefined}
        told={told}
        onTell={setTold}
        label="The chat machine"
      />
      <div className="min-h-16 text-xs">
        {told === undefined ? (
          <p className="text-ink-faint">Point at a state or an arrow to read what it is.</p>
        ) : (
          <ToldPart chart={drawn.chart} told={told} />
        )}
      </div>
    </div>
  )
}
