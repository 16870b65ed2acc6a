import type { ChatMachineState, MachineGraph } from "../../../../src/contract/inspection.ts"

/** A served machine as boxes and arrows, and what of it is lit. Nothing here knows the states of chats by name. */

type MachineState = MachineGraph["states"][number]
export type MachineTransition = MachineGraph["transitions"][number]

/** In the place of an event where a state is left within the transition that entered it. */
export const AT_ONCE = "at once"

/**
 * `region`: one of the machine's parallel parts. `group`: holds other states. `junction`: left at once. `start`: nothing leads
 * there.
 */
export type BoxKind = "region" | "group" | "state" | "junction" | "start"

export interface ChartState {
  readonly path: string
  readonly name: string
  readonly parent: string | undefined
  readonly kind: BoxKind
  readonly tags: ReadonlyArray<string>
  readonly effects: ReadonlyArray<string>
}

/** All transitions from one state to another, or back to itself. */
export interface ChartEdge {
  readonly id: string
  readonly source: string
  readonly target: string
  readonly transitions: ReadonlyArray<MachineTransition>
}

export interface Chart {
  readonly states: ReadonlyMap<string, ChartState>
  readonly edges: ReadonlyArray<ChartEdge>
}

/** Beyond these it is told, and not drawn: a machine of a file can be of any size. */
const MOST_STATES = 150
const MOST_TRANSITIONS = 1500

export const isDrawable = ({ states, transitions }: MachineGraph): boolean =>
  states.length > 0 && states.length <= MOST_STATES && transitions.length <= MOST_TRANSITIONS

const parentOf = (path: string): string | undefined => {
  const dot = path.lastIndexOf(".")
  return dot < 0 ? undefined : path.slice(0, dot)
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1)

/** Whether a state is another, or holds it. */
export const covers = (state: string, leaf: string): boolean => leaf === state || leaf.startsWith(`${state}.`)

const kindOf = (
  { path }: MachineState,
  parents: ReadonlySet<string>,
  { transitions, states }: MachineGraph,
): BoxKind => {
  if (parents.has(path)) return parentOf(path) === undefined ? "region" : "group"
  const leaving = transitions.filter(({ source }) => source === path)
  if (leaving.length > 0 && leaving.every(({ event }) => event === AT_ONCE)) return "junction"
  const parent = states.find((state) => state.path === parentOf(path))
  const begins = parent?.initial === nameOf(path)
  return begins && !transitions.some(({ target }) => target === path) ? "start" : "state"
}

export const chartOf = (graph: MachineGraph): Chart => {
  const parents = new Set(graph.states.flatMap(({ path }) => parentOf(path) ?? []))
  const states = new Map(
    graph.states.map((state) => [
      state.path,
      {
        path: state.path,
        name: nameOf(state.path),
        parent: parentOf(state.path),
        kind: kindOf(state, parents, graph),
        tags: state.tags,
        effects: state.effects,
      },
    ]),
  )
  const edges = new Map<string, ChartEdge>()
  for (const transition of graph.transitions) {
    const { source, target } = transition
    // Of states that nobody declares, and such as only begin the effect of a state anew: they change nothing.
    const isNothing = source === target && transition.actions.length === 0
    if (!states.has(source) || !states.has(target) || isNothing) continue
    const id = `${source} > ${target}`
    edges.set(id, { id, source, target, transitions: [...(edges.get(id)?.transitions ?? []), transition] })
  }
  return { states, edges: [...edges.values()] }
}

/** The leaves that a chat is in, one of each region. */
export const leavesOf = ({ life, mode }: Pick<ChatMachineState, "life" | "mode">): ReadonlyArray<string> => [
  `life.${life}`,
  `mode.${mode}`,
]

/** The states that are lit: the leaves, and all that hold them. */
export const litStates = ({ states }: Chart, leaves: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set([...states.keys()].filter((path) => leaves.some((leaf) => covers(path, leaf))))

/** The arrows that an event could take from these leaves. Without `accepts` it is not known which events are taken: all that are known. */
export const possibleEdges = (
  { edges, states }: Chart,
  leaves: ReadonlyArray<string>,
  accepts: ReadonlyArray<string> | undefined,
): ReadonlyMap<string, ReadonlyArray<string>> => {
  const taken = accepts === undefined ? undefined : new Set(accepts)
  const possible = new Map<string, ReadonlyArray<string>>()
  for (const { id, source, transitions } of edges) {
    if (states.get(source)?.kind === "junction" || !leaves.some((leaf) => covers(source, leaf))) continue
    const events = new Set(transitions.map(({ event }) => event))
    const open = [...events].filter((event) => event !== AT_ONCE && (taken?.has(event) ?? true))
    if (open.length > 0) possible.set(id, open)
  }
  return possible
}

export interface LastEvent {
  readonly event: string
  readonly from: string
  readonly to: string
}

/** The arrows by which the last event led here: more than one where it went through states that are left at once. */
export const lastEdges = (chart: Chart, last: LastEvent, leaves: ReadonlyArray<string>): ReadonlySet<string> => {
  const [from, to] = [`life.${last.from}`, `life.${last.to}`]
  const byEvent = chart.edges
    .filter(({ transitions }) => transitions.some(({ event }) => event === last.event))
    .toSorted((a, b) => b.source.length - a.source.length)
  const leading = byEvent.filter(({ source }) => covers(source, from))
  const straight = leading.find(({ target }) => covers(target, to) || covers(to, target))
  if (straight !== undefined && (straight.source !== straight.target || last.from === last.to)) {
    return new Set([straight.id])
  }
  for (const { id, target } of leading) {
    const onwards = chart.edges.find((edge) => edge.source === target && edge.target === to)
    if (chart.states.get(target)?.kind === "junction" && onwards !== undefined) return new Set([id, onwards.id])
  }
  // Of another region, or back to where it was.
  const elsewhere = byEvent.find(
    ({ source, target }) => source !== target && leaves.includes(target) && !covers(source, target),
  )
  const staying = byEvent.find(({ source, target }) => source === target && leaves.some((leaf) => covers(source, leaf)))
  const found = last.from === last.to ? (elsewhere ?? staying) : undefined
  return new Set(found === undefined ? [] : [found.id])
}

export interface EventRow {
  readonly event: string
  readonly from: string
  readonly to: string
  readonly guard: string | undefined
  readonly actions: ReadonlyArray<string>
}

/** What can happen in a state: its own transitions. */
export const rowsOf = ({ edges }: Chart, path: string): ReadonlyArray<EventRow> =>
  edges.filter(({ source }) => source === path).flatMap(rowsOfEdge)

export const rowsOfEdge = ({ transitions }: ChartEdge): ReadonlyArray<EventRow> =>
  transitions.map(({ event, source, target, guard, actions }) => ({
    event,
    from: nameOf(source),
    to: source === target ? "stays" : nameOf(target),
    guard,
    actions,
  }))
