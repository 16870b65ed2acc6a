import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import { aboutQuery, machineQuery, stepsQuery } from "../trace-queries.ts"
import { useTraceView } from "../trace-source.ts"
import { useJournalAround, useReader } from "./use-journal.ts"
import { type Why, why } from "./why.ts"

export interface ShownWhy {
  readonly why: Why | undefined
  readonly version: number | undefined
  readonly now: boolean
  /** Of what it is made of, the first that could not be read. */
  readonly error: Error | null
}

/** Why the chat is as it is shown: at the version that is looked at, or now. */
export const useWhy = (): ShownWhy => {
  const { source, version } = useTraceView()
  const steps = useQuery(stepsQuery(source))
  const machine = useQuery(machineQuery(source))
  const about = useQuery(aboutQuery(source))
  const shown = version ?? steps.data?.last_version
  const journal = useJournalAround(source, shown)
  const { id: me } = useReader(source)
  const now = version === undefined && machine.data?.version === shown
  const made = useMemo(() => {
    if (steps.data === undefined || machine.data === undefined || journal.data === undefined) return undefined
    if (shown === undefined) return undefined
    return why({
      steps: steps.data,
      transitions: journal.data,
      version: shown,
      now,
      definition: machine.data.definition,
      about: about.data,
      deadlines: machine.data.deadlines,
      me,
    })
  }, [steps.data, machine.data, journal.data, about.data, shown, now, me])
  return { why: made, version: shown, now, error: steps.error ?? machine.error ?? journal.error }
}
