import { expect, it } from "vitest"
import { byName, commandsFor, matches } from "./commands.ts"

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

it("offers administration to owners only", () => {
  const titles = (owner: boolean) =>
    commandsFor({ owner, people: undefined, ownChat: false }).flatMap(({ commands }) =>
      commands.map(({ title }) => title),
    )
  expect(titles(true)).toContain("Providers and models")
  expect(titles(false)).not.toContain("Providers and models")
})

it("offers those pages of people that somebody may see", () => {
  const people = { users: true, groups: false, organizations: false, roles: true, audit: false }
  const titles = commandsFor({ owner: false, people, ownChat: false }).flatMap(({ commands }) =>
    commands.map(({ title }) => title),
  )
  expect(titles.slice(-3)).toEqual(["Users", "Service accounts", "Roles"])
})

it("what is called so comes before what has to do with it", () => {
  const settings = commandsFor({ owner: false, people: undefined, ownChat: false }).flatMap(({ commands }) =>
    commands.filter((command) => matches(command, "dark th")),
  )
  expect(settings.map(({ title }) => title)).toEqual(["Appearance", "Dark theme"])
  expect(byName(settings, "Dark th").map(({ title }) => title)).toEqual(["Dark theme", "Appearance"])
})
