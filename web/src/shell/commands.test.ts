import { expect, it } from "vitest"
import { type Access, byName, commandsFor, matches } from "./commands.ts"

it.each([
  ["", true],
  ["dark", true],
  ["the dar", true],
  ["DARK  appear", true],
  ["ark", false],
  ["dark mode", false],
])("%j finds the dark theme: %s", (text, found) => {
  expect(matches({ title: "Dark theme", also: "appearance" }, text)).toBe(found)
})

const member = { owner: false, mayChat: true, readsShared: false, people: undefined, ownChat: false }
const titles = (access: Access) => commandsFor(access).flatMap(({ commands }) => commands.map(({ title }) => title))

it("offers administration to owners only", () => {
  expect(titles({ ...member, owner: true })).toContain("Providers and models")
  expect(titles(member)).not.toContain("Providers and models")
})

it("offers chats to who starts them, or has some to read", () => {
  expect(titles(member)).toEqual(expect.arrayContaining(["New chat", "Stage", "Chats"]))
  const reader = titles({ ...member, mayChat: false, readsShared: true })
  expect(reader.filter((title) => ["New chat", "Stage", "Home", "Chats"].includes(title))).toEqual(["Home", "Chats"])
  const nobody = titles({ ...member, mayChat: false })
  expect(nobody.filter((title) => /chat|Stage/i.test(title))).toEqual([])
})

it("offers those pages of people that somebody may see", () => {
  const people = { users: true, groups: false, organizations: false, roles: true, audit: false }
  expect(titles({ ...member, people }).slice(-3)).toEqual(["Users", "Service accounts", "Roles"])
})

it("what is called so comes before what has to do with it", () => {
  const settings = commandsFor(member).flatMap(({ commands }) =>
    commands.filter((command) => matches(command, "dark th")),
  )
  expect(settings.map(({ title }) => title)).toEqual(["Appearance", "Dark theme"])
  expect(byName(settings, "Dark th").map(({ title }) => title)).toEqual(["Dark theme", "Appearance"])
})
