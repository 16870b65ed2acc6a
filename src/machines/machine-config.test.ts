import { createMachine } from "xstate"
import { describe, expect, it } from "vitest"
import { MachineConfig } from "../contract/machine-config.ts"
import { chatMachine } from "./chat-machine.ts"
import { initialContext } from "./chat-setup.ts"
import { chatMachineConfig } from "./machine-config.ts"
import { guardOf, type MachineNode, nameOf } from "./machine-graph.ts"
import { Schema } from "effect"

/** What another program receives: nothing but JSON. */
const received = (): Parameters<typeof createMachine>[0] => JSON.parse(JSON.stringify(chatMachineConfig()))

/** Everything about a machine that JSON can say, state by state and transition by transition. */
const walk = (node: MachineNode): ReadonlyArray<unknown> => [
  {
    id: node.id,
    type: node.type,
    tags: node.tags,
    initial: node.type === "compound" ? node.initial.target[0]?.id : undefined,
    effects: node.invoke.map(({ src }) => nameOf(src)),
  },
  ...[...node.transitions.values(), node.always ?? []].flat().map((transition) => ({
    from: transition.source.id,
    event: transition.eventType,
    to: transition.target?.map(({ id }) => id),
    guard: transition.guard === undefined ? undefined : guardOf(transition.guard),
    actions: transition.actions.map(nameOf),
    reenter: transition.reenter,
  })),
  ...Object.values(node.states).flatMap(walk),
]

describe("the machine as JSON", () => {
  it("is a machine of the same states, events, guards, actions and effects in the hands of XState", () => {
    const theirs = createMachine(received())
    const ours = walk(chatMachine.root)
    expect(walk(theirs.root as unknown as MachineNode)).toEqual(ours)
    expect(ours.length).toBeGreaterThan(100)
    expect(theirs.events.toSorted()).toEqual(chatMachine.events.toSorted())
  })

  it("begins where ours begins, and can be walked by who says what its guards are", () => {
    const theirs = createMachine(received()).provide({ guards: { "not slotGranted": () => true } })
    const begun = theirs.resolveState({ value: { life: "none", mode: "normal" }, context: initialContext })
    expect(begun.can({ type: "Create" })).toBe(true)
    expect(begun.can({ type: "ReconcileInvalidState" })).toBe(false)
  })

  it("is what the contract says", () => {
    expect(Schema.decodeUnknownSync(MachineConfig)(received(), { onExcessProperty: "error" })).toEqual(received())
  })
})
