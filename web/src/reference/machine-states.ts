import type { MachineGraph } from "../../../src/contract/inspection.ts"

/** The machine as a list: of each state that a chat can be in, what it is on the wire, and what leads out of it. */

export interface Way {
  readonly event: string
  /** Undefined where the chat stays. */
  readonly to: string | undefined
  readonly guard: string | undefined
}

export interface ListedState {
  /** Without the region: `running.executing`. */
  readonly name: string
  /** The value of `status` while a chat is in it; undefined where no chat ever is. */
  readonly status: string | undefined
  /** Its own, and those of the states around it. */
  readonly tags: ReadonlyArray<string>
  readonly effects: ReadonlyArray<string>
  readonly ways: ReadonlyArray<Way>
}

const withoutRegion = (path: string): string => path.split(".").slice(1).join(".")

/** A state, and those that it is in. */
const around = (path: string): ReadonlyArray<string> =>
  path.split(".").map((_, index, steps) => steps.slice(0, steps.length - index).join("."))

const REENTRY = "ACTIVATE"
/** What leads out of a state that is only passed through. */
const PASSING = "at once"

/** The leaves of a region in the order of the definition; what a state inherits is among its own. */
export const listedStates = ({ states, transitions }: MachineGraph, region: string): ReadonlyArray<ListedState> =>
  states
    .filter(({ path, type }) => type === "atomic" && path.startsWith(`${region}.`))
    .map((state) => {
      const seen = new Set<string>()
      const ways = around(state.path).flatMap((path) => {
        const own = transitions.filter(({ source, event }) => source === path && event !== REENTRY && !seen.has(event))
        for (const { event } of own) seen.add(event)
        return own
      })
      const name = withoutRegion(state.path)
      // Before there is a chat, or on the way from one state to another.
      const isNone = name === states.find(({ path }) => path === region)?.initial && state.tags.length === 0
      const passed = ways.some(({ event }) => event === PASSING)
      return {
        name,
        status: isNone || passed ? undefined : name.split(".")[0],
        tags: around(state.path).flatMap((path) => states.find((each) => each.path === path)?.tags ?? []),
        effects: state.effects,
        ways: ways.map(({ event, source, target, guard }) => ({
          event,
          guard,
          to: target === source ? undefined : withoutRegion(target),
        })),
      }
    })
