import { Effect } from "effect"
import type { ChatRow } from "../../db/chats/rows.ts"
import type { ChatMachineEvent } from "../../machines/chat-events.ts"
import { type ChatSnapshot, type Decision, decide } from "../../machines/chat-state.ts"
import type { SlotGrant, Slots } from "./slots.ts"

/** A decision, with the slot that it takes where it takes one. */
export interface SlotDecision {
  readonly event: ChatMachineEvent
  readonly decision: Decision
  readonly grant: SlotGrant | undefined
}

/** The chat would have to wait for a slot, which it did not before; one that yields means to. */
const bringsWork = (machine: ChatSnapshot, event: ChatMachineEvent, { next }: Decision): boolean =>
  next.hasTag("waits-for-slot") && !machine.hasTag("waits-for-slot") && event.type !== "Yield"

/** A back-off gives up the slot, so that others work meanwhile. */
const comesBack = (machine: ChatSnapshot, event: ChatMachineEvent): boolean =>
  event.type === "RecordGenerationAttempt" && !machine.hasTag("slot")

/**
 * Decides an event, and asks for the slot first that it needs. Work that finds none waits in the line: work that is new with the
 * event that brings it, an attempt after a back-off by yielding.
 *
 * @returns undefined when the machine refuses the event
 */
export const decideWithSlot = (
  slots: Pick<Slots["Type"], "take">,
  { machine, row }: { readonly machine: ChatSnapshot; readonly row: ChatRow },
  event: ChatMachineEvent,
): Effect.Effect<SlotDecision | undefined> => {
  const decided = (taken: ChatMachineEvent, grant?: SlotGrant): SlotDecision | undefined => {
    const decision = decide(machine, taken)
    return decision === undefined ? undefined : { event: taken, decision, grant }
  }
  const first = decided(event)
  if (first === undefined) return Effect.succeed(undefined)
  if (comesBack(machine, event)) {
    return Effect.map(slots.take(row), (grant) =>
      grant === undefined ? decided({ type: "Yield" }) : { ...first, grant },
    )
  }
  if (!bringsWork(machine, event, first.decision)) return Effect.succeed(first)
  return Effect.map(slots.take(row), (grant) =>
    grant === undefined ? first : decided({ ...event, slot: "granted" } as ChatMachineEvent, grant),
  )
}
