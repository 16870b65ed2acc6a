import { describe, expect, it } from "vitest"
import { eventsIn } from "./listening.ts"

describe("the events of a frame", () => {
  it("are all of a list, or the one, with what they are called", () => {
    expect(eventsIn('[{"type":"status"},{"type":"message"}]').map(({ name }) => name)).toEqual(["status", "message"])
    expect(eventsIn('{"kind":"created","chat":{}}')).toEqual([
      { name: "created", text: '{"kind":"created","chat":{}}' },
    ])
  })

  it("are cut where they are long, and are taken whatever they are", () => {
    const [long] = eventsIn(JSON.stringify([{ type: "x".repeat(10_000) }]))
    expect(long?.name).toHaveLength(60)
    expect(long?.text.length).toBeLessThan(2100)
    expect(eventsIn("<p>")).toEqual([{ name: "no JSON", text: "<p>" }])
    expect(eventsIn("[null, 1]").map(({ name }) => name)).toEqual(["event", "event"])
  })
})
