import type { MachineGraph } from "../contract/inspection.ts"
import { chatMachine } from "./chat-machine.ts"
import { CHAT_MACHINE_VERSION } from "./chat-setup.ts"

/** The machine as states and arrows, read off the machine itself, for the inspector and for the documentation. */

export type MachineNode = typeof chatMachine.root
type Node = MachineNode

const pathOf = (node: Pick<Node, "path">): string => node.path.join(".")

const nodes = (node: Node): ReadonlyArray<Node> => [node, ...Object.values(node.states).flatMap(nodes)]

/** Of an action or an effect. */
export const nameOf = (item: unknown): string => {
  if (typeof item === "string") return item
  if (typeof item === "object" && item !== null && "type" in item) return String(item.type)
  if (typeof item === "function") return item.name
  return ""
}

/** What `and` and `not` put together; undefined for a guard that is a name. */
export const partsOfGuard = (guard: unknown): ReadonlyArray<unknown> | undefined =>
  typeof guard === "function" && "guards" in guard && Array.isArray(guard.guards) ? guard.guards : undefined

export const isNegation = (guard: unknown): boolean =>
  typeof guard === "function" && guard.toString().startsWith("function not")

/** A guard in words: a name, or names joined by `and` and `not`. */
export const guardOf = (guard: unknown): string => {
  const parts = partsOfGuard(guard)
  if (parts === undefined) return nameOf(guard)
  return isNegation(guard) ? `not ${parts.map(guardOf).join(" ")}` : parts.map(guardOf).join(" and ")
}

/** In the place of an event where a state is left by itself, within the transition that entered it. */
const AT_ONCE = "at once"

const atomic = new Set(["atomic", "compound", "parallel"])

export const chatMachineGraph = (): MachineGraph => {
  const all = nodes(chatMachine.root).filter((node) => node.path.length > 0)
  return {
    id: chatMachine.id,
    version: CHAT_MACHINE_VERSION,
    states: all.map((node) => ({
      path: pathOf(node),
      type: atomic.has(node.type) ? (node.type as "atomic" | "compound" | "parallel") : "atomic",
      ...(node.type === "compound" && { initial: String(node.initial.target[0]?.key) }),
      tags: node.tags,
      effects: node.invoke.map((invoked) => nameOf(invoked.src)),
    })),
    transitions: all.flatMap((node) =>
      [...node.transitions.values(), node.always ?? []].flat().flatMap((transition) => {
        const actions = transition.actions.map(nameOf)
        const target = transition.target?.[0]
        // What is forbidden has neither; it only hides the transition of a parent.
        if (target === undefined && actions.length === 0) return []
        return [
          {
            source: pathOf(node),
            event: transition.eventType || AT_ONCE,
            target: pathOf(target ?? node),
            ...(transition.guard !== undefined && { guard: guardOf(transition.guard) }),
            actions,
          },
        ]
      }),
    ),
  }
}
