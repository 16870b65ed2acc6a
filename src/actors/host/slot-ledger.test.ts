import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Capacity, SlotOwner } from "../../db/chats/admission.ts"
import { SlotLedger } from "./slot-ledger.ts"

const UNLIMITED: Capacity = { deployment: null, perUser: null, perOrganization: null }
const chat = (chatId: string, ownerId = "ann", organizationId = "org"): SlotOwner => ({
  chatId,
  ownerId,
  organizationId,
})

describe("a slot", () => {
  test("is always free where nothing is limited", () => {
    const ledger = new SlotLedger()
    ledger.note(chat("waits"), "waits")
    for (const id of ["a", "b", "c"]) expect(ledger.reserve(chat(id), UNLIMITED)).toBe(true)
  })

  test.each([
    ["the deployment", { ...UNLIMITED, deployment: 2 }, chat("c", "cleo", "other")],
    ["the owner", { ...UNLIMITED, perUser: 2 }, chat("c", "ann", "other")],
    ["the organization", { ...UNLIMITED, perOrganization: 2 }, chat("c", "cleo", "org")],
  ])("is not free once %s has as many as it may, held or reserved", (_, limits, third) => {
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    expect(ledger.reserve(chat("b"), limits)).toBe(true)
    expect(ledger.reserve(third, limits)).toBe(false)
    ledger.giveBack("b")
    expect(ledger.reserve(third, limits)).toBe(true)
  })

  test("of an owner or an organization is not taken by others", () => {
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    expect(ledger.reserve(chat("b", "bob"), { ...UNLIMITED, perUser: 1 })).toBe(true)
    expect(ledger.reserve(chat("c", "ann", "other"), { ...UNLIMITED, perOrganization: 1 })).toBe(true)
  })

  test("is not given to a newcomer while somebody waits for it", () => {
    const limits = { ...UNLIMITED, deployment: 2 }
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    ledger.note(chat("first in line", "bob"), "waits")
    expect(ledger.reserve(chat("newcomer", "cleo"), limits)).toBe(false)
    // The line itself is served by a round of grants, which says so.
    ledger.grant("first in line")
    ledger.note(chat("a"), "none")
    expect(ledger.reserve(chat("newcomer", "cleo"), limits)).toBe(true)
  })

  test("of the deployment is not waited for by a chat that its owner's limit keeps waiting", () => {
    const limits = { ...UNLIMITED, deployment: 3, perUser: 1 }
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    ledger.note(chat("b"), "waits")
    expect(ledger.reserve(chat("c", "bob"), limits)).toBe(true)
    ledger.note(chat("a"), "none")
    expect(ledger.reserve(chat("d", "cleo"), limits)).toBe(false)
  })

  test("that a chat holds is its own for its next turn, unless somebody waits or the limit was lowered", () => {
    const limits = { ...UNLIMITED, deployment: 1 }
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    expect(ledger.reserve(chat("a"), limits)).toBe(true)
    ledger.note(chat("a"), "holds")
    expect(ledger.reserve(chat("a"), { ...limits, deployment: 0 })).toBe(false)
    ledger.note(chat("b"), "waits")
    expect(ledger.reserve(chat("a"), limits)).toBe(false)
  })

  test("given back by a chat that holds one is not lost to it", () => {
    const limits = { ...UNLIMITED, deployment: 1 }
    const ledger = new SlotLedger()
    ledger.note(chat("a"), "holds")
    ledger.reserve(chat("a"), limits)
    ledger.giveBack("a")
    expect(ledger.reserve(chat("b"), limits)).toBe(false)
  })
})

test("the rows are taken for the truth, and what is being committed stays reserved", () => {
  const limits = { ...UNLIMITED, deployment: 2 }
  const ledger = new SlotLedger()
  ledger.note(chat("gone"), "holds")
  ledger.note(chat("also gone"), "waits")
  ledger.reserve(chat("under way"), UNLIMITED)
  ledger.rebuild([{ ...chat("a"), stand: "holds" }], new Set())
  expect([ledger.reserved.map(({ chatId }) => chatId), ledger.waiting]).toEqual([["under way"], 0])
  expect(ledger.reserve(chat("b"), limits)).toBe(false)
  ledger.giveBack("under way")
  expect(ledger.reserve(chat("b"), limits)).toBe(true)
})

test("what is told while the rows are read is newer than they are", () => {
  const limits = { ...UNLIMITED, deployment: 2 }
  const ledger = new SlotLedger()
  for (const id of ["ends", "goes on"]) ledger.note(chat(id), "holds")
  ledger.note(chat("gets one"), "waits")
  const told = ledger.watch()
  const rows = [
    { ...chat("ends"), stand: "holds" },
    { ...chat("goes on"), stand: "holds" },
    { ...chat("gets one"), stand: "waits" },
  ] as const
  ledger.note(chat("ends"), "none")
  ledger.grant("gets one")
  ledger.rebuild(rows, told)
  ledger.unwatch(told)
  expect(["ends", "goes on", "gets one"].map((id) => ledger.standOf(id))).toEqual(["none", "holds", "holds"])
  expect([ledger.waiting, ledger.reserve(chat("newcomer"), limits)]).toEqual([0, false])
  ledger.note(chat("goes on"), "none")
  expect(ledger.reserve(chat("newcomer"), limits)).toBe(true)
})

test("no sequence of reservations, commits and refusals exceeds a limit or loses a slot", () => {
  const ids = fc.constantFrom("a", "b", "c", "d", "e")
  const step = fc.record({ id: ids, what: fc.constantFrom("begin", "refused", "end", "wait") })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, deployment) => {
      const ledger = new SlotLedger()
      const limits = { ...UNLIMITED, deployment }
      const holds = new Set<string>()
      const waits = new Set<string>()
      const free = (id: string) =>
        [...holds].filter((other) => other !== id).length < deployment && [...waits].every((other) => other === id)
      const stand = (id: string, where: "holds" | "waits" | "none") => {
        holds.delete(id)
        waits.delete(id)
        if (where === "holds") holds.add(id)
        if (where === "waits") waits.add(id)
        ledger.note(chat(id), where)
      }
      const answers = steps.map(({ id, what }) => {
        const expected = free(id)
        if (what === "end") stand(id, "none")
        else if (what === "wait" && !holds.has(id)) stand(id, "waits")
        if (what === "end" || what === "wait") return { right: true, within: true }
        const given = ledger.reserve(chat(id), limits)
        if (given && what === "begin") stand(id, "holds")
        else if (given) ledger.giveBack(id)
        return { right: given === expected, within: holds.size <= deployment && ledger.waiting === waits.size }
      })
      expect(answers).toEqual(steps.map(() => ({ right: true, within: true })))
    }),
  )
})
