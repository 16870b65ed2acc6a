import { describe, expect, expectTypeOf, it } from "vitest"
import { leaves, snapshot, type Letter } from "../../test/support/machine-states.ts"
import type * as Wire from "../contract/chats.ts"
import { type Activity, activityOf, hasTag, isActivity, snapshotOf, statusOf } from "./chat-state.ts"
import { type ChatTag, initialContext } from "./chat-setup.ts"

/** Which states have a tag, by their letters. */
const table: Readonly<Record<ChatTag, string>> = {
  owned: "P G X C B I T A",
  resting: "W E",
  failed: "E",
  "waits-for-slot": "P",
  slot: "G X C I",
  working: "G X C B I",
  "asks-model": "G C",
  "works-on-calls": "X I",
  "backing-off": "B",
  "asks-client": "T",
  "asks-person": "A",
}

const alive = Object.entries(leaves).flatMap(([letter, activity]) =>
  activity === "none" ? [] : [{ letter: letter as Letter, activity }],
)

describe("a state", () => {
  it.each(Object.entries(table) as Array<[ChatTag, string]>)("has the tag %s where it is true", (tag, letters) => {
    expect(alive.filter(({ activity }) => hasTag(activity, tag)).map(({ letter }) => letter)).toEqual(
      alive.map(({ letter }) => letter).filter((letter) => letters.split(" ").includes(letter)),
    )
  })

  it("has the tags of its snapshot", () => {
    for (const { letter, activity } of alive) {
      const state = snapshot(letter, "normal")
      for (const tag of Object.keys(table) as Array<ChatTag>)
        expect([activity, tag, hasTag(activity, tag)]).toEqual([activity, tag, state.hasTag(tag)])
    }
  })

  it("either is owned or rests, and holds no slot while it waits for one", () => {
    for (const { activity } of alive) {
      expect([activity, hasTag(activity, "resting")]).toEqual([activity, !hasTag(activity, "owned")])
      expect(hasTag(activity, "slot") && hasTag(activity, "waits-for-slot")).toBe(false)
      expect(hasTag(activity, "slot") && !hasTag(activity, "working")).toBe(false)
    }
  })

  it("goes to its path and back", () => {
    for (const { letter, activity } of alive) {
      expect(activityOf(snapshot(letter, "plan").value)).toBe(activity)
      expect(statusOf(activity)).toBe(activity.split(".")[0])
      expect(isActivity(activity)).toBe(true)
    }
  })

  it("that the machine does not have stands for a failed chat, and nothing is known of it", () => {
    const dreaming = "running.dreaming" as Activity
    expect(isActivity(dreaming)).toBe(false)
    expect(isActivity("none")).toBe(false)
    expect(hasTag(dreaming, "owned")).toBe(false)
    const stands = snapshotOf({ activity: dreaming, planMode: false, mode: null, context: initialContext })
    expect(activityOf(stands.value)).toBe("error")
  })
})

it("the states that the contract tells of are those of the machine", () => {
  expectTypeOf<Wire.Activity>().toEqualTypeOf<Activity>()
  expectTypeOf<ReturnType<typeof statusOf>>().toEqualTypeOf<Wire.ChatStatus>()
})
