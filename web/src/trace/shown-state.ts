import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query"
import type { ChatAtVersion, ChatMachineState, ChatTransition, MachineGraph } from "../../../src/contract/inspection.ts"
import { atVersionQuery, machineQuery } from "./trace-queries.ts"
import { type TraceSource, useTraceView } from "./trace-source.ts"

/** The chat in its machine, as it is looked at. */
export interface Shown {
  /** The machine as it is now, and the definition that is drawn. */
  readonly machine: ChatMachineState
  readonly definition: MachineGraph
  /** Of the version that is looked at, or of the one before while that is loaded: it says which it is. */
  readonly state: ChatMachineState | ChatAtVersion
  readonly isNow: boolean
  readonly isLoading: boolean
  /** What led there. */
  readonly transition: ChatTransition | undefined
}

/** The transition to a version; it never changes. */
const transitionQuery = (source: TraceSource, version: number) =>
  queryOptions({
    queryKey: ["trace", source.key, "transition", version],
    queryFn: async ({ signal }) => {
      const { transitions } = await source.transitions(version - 1, 1, signal)
      return transitions.find((transition) => transition.version === version) ?? null
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

export interface ShownAnswer {
  readonly shown: Shown | undefined
  readonly error: Error | null
  readonly retry: () => void
}

export const useShownState = (): ShownAnswer => {
  const { source, version } = useTraceView()
  const now = useQuery(machineQuery(source))
  const past = useQuery({
    ...atVersionQuery(source, version ?? 0),
    enabled: version !== undefined,
    placeholderData: keepPreviousData,
  })
  const last = useQuery({
    ...transitionQuery(source, now.data?.version ?? 0),
    enabled: version === undefined && now.data !== undefined,
    placeholderData: keepPreviousData,
  })
  const retry = () => {
    if (now.error !== null) void now.refetch()
    if (version !== undefined && past.error !== null) void past.refetch()
  }
  const error = now.error ?? (version === undefined ? null : past.error)
  const machine = now.data
  const state = version === undefined ? machine : past.data
  if (error !== null || machine === undefined || state === undefined) return { shown: undefined, error, retry }
  const transition = version === undefined ? (last.data ?? undefined) : past.data?.transition
  return {
    shown: {
      machine,
      definition: machine.definition,
      state,
      isNow: version === undefined,
      isLoading: version !== undefined && past.isPlaceholderData,
      transition: transition?.version === state.version ? transition : undefined,
    },
    error: null,
    retry,
  }
}
