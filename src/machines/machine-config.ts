import type { MachineConfig, MachineNodeConfig, MachineTransitionConfig } from "../contract/machine-config.ts"
import { chatMachine } from "./chat-machine.ts"
import { initialContext } from "./chat-setup.ts"
import { guardOf, type MachineNode, nameOf } from "./machine-graph.ts"

/**
 * The machine as the JSON that XState's `createMachine` takes: anybody can make the same machine of it, with guards, actions and
 * effects as names. A guard that is put together of others is one name, in the words of `machine-graph.ts`.
 */

type Transition = MachineNode["transitions"] extends Map<string, Array<infer One>> ? One : never

const idOf = (node: MachineNode): string => `#${node.id}`

/** An empty one forbids the event: it hides the transition of a state around it. */
const transitionOf = (transition: Transition): MachineTransitionConfig => ({
  ...(transition.target !== undefined && { target: transition.target.map(idOf) }),
  ...(transition.guard !== undefined && { guard: guardOf(transition.guard) }),
  ...(transition.actions.length > 0 && { actions: transition.actions.map(nameOf) }),
  ...(transition.reenter && { reenter: true }),
})

const nodeOf = (node: MachineNode): MachineNodeConfig => {
  const states = Object.values(node.states)
  const events = [...node.transitions].map(([event, transitions]) => [event, transitions.map(transitionOf)] as const)
  return {
    ...(node.type === "parallel" && { type: "parallel" as const }),
    ...(node.type === "compound" && { initial: String(node.initial.target[0]?.key) }),
    ...(node.tags.length > 0 && { tags: node.tags }),
    ...(node.invoke.length > 0 && { invoke: node.invoke.map(({ src }) => ({ src: nameOf(src) })) }),
    ...(events.length > 0 && { on: Object.fromEntries(events) }),
    ...(node.always !== undefined && { always: node.always.map(transitionOf) }),
    ...(states.length > 0 && { states: Object.fromEntries(states.map((state) => [state.key, nodeOf(state)])) }),
  }
}

export const chatMachineConfig = (): MachineConfig => ({
  id: chatMachine.id,
  context: { ...initialContext },
  ...nodeOf(chatMachine.root),
})
