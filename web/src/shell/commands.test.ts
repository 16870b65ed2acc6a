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
  const titles = (owner: boolean) => commandsFor(owner).flatMap(({ commands }) => commands.map(({ title }) => title))
  expect(titles(true)).toContain("Providers and models")
  expect(titles(false)).not.toContain("Providers and models")
})

it("what is called so comes before what has to do with it", () => {
  const settings = commandsFor(false).flatMap(({ commands }) =>
    commands.filter((command) => matches(command, "dark th")),
  )
  expect(settings.map(({ title }) => title)).toEqual(["Appearance", "Dark theme"])
  expect(byName(settings, "Dark th").map(({ title }) => title)).toEqual(["Dark theme", "Appearance"])
})
