import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { transition } from "xstate"
import {
  everyPossibleState,
  events,
  granted,
  type GrantedName,
  leaves,
  snapshot,
} from "../../test/support/machine-states.ts"
import type { ChatMachineEvent } from "./chat-events.ts"
import { chatMachine } from "./chat-machine.ts"
import { activityOf, type ChatSnapshot, decide, hasTag } from "./chat-state.ts"

/** Work that brings its slot begins in one transition: it is what the same event and an `Admit` after it would come to. */

const names = Object.keys(granted) as ReadonlyArray<GrantedName>

const changesOf = (...decisions: ReadonlyArray<ReturnType<typeof decide>>) =>
  decisions.flatMap((decision) => decision?.changes ?? [])

/** Effects that a transition starts, with what they are told, as the machine's own actions say it. */
const started = (from: ChatSnapshot, event: ChatMachineEvent) => {
  const [, actions] = transition(chatMachine, from, event)
  return actions.flatMap(({ type, params }) =>
    type === "xstate.spawnChild" ? [params as unknown as { readonly src: string; readonly input: unknown }] : [],
  )
}

/** But for what says where the slot came from, and that the model is that of the message. */
const alike = ({ type, params }: { readonly type: string; readonly params?: unknown }) =>
  type === "openAttempt" || type === "takeSlot" ? { type } : { type, params }

const seen = ({ value, context }: ChatSnapshot) => ({ value, context })

describe("an event with a slot", () => {
  it.each(names)("%s does what it and Admit do one after the other", (name) => {
    let begun = 0
    for (const { leaf, queue, isArchived } of everyPossibleState) {
      for (const steer of queue > 1 ? [0, 1, 2] : [0]) {
        const from = snapshot(leaf, "normal", { queue, steer, archived: isArchived, attempt: 2, steps: 3 })
        const once = decide(from, granted[name])
        const first = decide(from, events[name])
        const joins = first !== undefined && leaf !== "P" && hasTag(activityOf(first.next.value), "waits-for-slot")
        const second = joins ? decide(first.next, events.Admit) : undefined
        const where = `${name} in ${leaves[leaf]}, ${queue} in the queue, ${steer} steering`
        const reached = (second ?? first)?.next
        expect([where, once && seen(once.next)]).toEqual([where, reached && seen(reached)])
        expect([where, changesOf(once).map(alike)]).toEqual([where, changesOf(first, second).map(alike)])
        if (!joins) continue
        begun += 1
        const { src, input } = started(first.next, events.Admit)[0] ?? {}
        expect([where, started(from, granted[name])]).toEqual([where, [expect.objectContaining({ src, input })]])
      }
    }
    // Of several calls that a person is asked about, one that is answered brings no work yet.
    expect(begun > 0).toBe(name !== "DecideApproval some" && name !== "SetToolPolicy some")
  })

  it("that edits a turn under way opens no attempt", () => {
    const from = snapshot("G", "normal", { attempt: 1 })
    const changes = decide(from, granted.EditMessage)?.changes.map(({ type }) => type)
    expect(changes).not.toEqual(expect.arrayContaining(["openAttempt"]))
    expect(changes).not.toEqual(expect.arrayContaining(["takeSlot"]))
    expect(started(from, granted.EditMessage)).toEqual([
      expect.objectContaining({ src: "generate", input: { attemptRecorded: false } }),
    ])
  })

  it("opens an attempt at the model of the message that it brings", () => {
    const changes = decide(snapshot("W", "normal"), granted["SendMessage queue"])?.changes
    expect(changes?.slice(-2)).toEqual([
      { type: "takeSlot", params: { from: "event" } },
      { type: "openAttempt", params: {} },
    ])
    expect(started(snapshot("W", "normal"), granted["SendMessage queue"])).toEqual([
      expect.objectContaining({ src: "generate", input: { attemptRecorded: true } }),
    ])
  })

  it("is no way into the state that work arrives by, whatever comes after what", () => {
    const all: ReadonlyArray<ChatMachineEvent> = [...Object.values(events), ...Object.values(granted)]
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 60 }), (choices) => {
        let at = decide(snapshot("N", "normal"), granted.Create)?.next ?? snapshot("N", "normal")
        for (const choice of choices) {
          const event = all[choice] ?? events.Interrupt
          const named =
            event.type === "DeleteQueuedMessage" || event.type === "PromoteQueuedMessage"
              ? { ...event, steer: at.context.steer > 0 }
              : event
          at = decide(at, named)?.next ?? at
          expect(at.value.life).not.toBe("arriving")
        }
      }),
      { numRuns: 300 },
    )
  })
})
