import { expect, it } from "vitest"
import { SCOPES } from "../../../src/identity/scopes.ts"
import { ALL, APPROVE, scopeGroups, scopesInWords } from "./scope-words.ts"

it("has words for everything that the server serves", () => {
  const raw = scopeGroups(SCOPES).flatMap(({ thing, title, scopes }) => [
    ...(thing === title ? [thing] : []),
    ...scopes.filter(({ words }) => words.includes("_")).map(({ scope }) => scope),
  ])
  expect(raw).toEqual([])
  expect(scopeGroups(SCOPES).map(({ title }) => title)).toContain("Chats")
})

it("lets everything be ticked but what is asked for apart", () => {
  const ticked = scopeGroups(SCOPES).flatMap(({ scopes }) => scopes.map(({ scope }) => scope))
  expect(ticked).not.toContain(ALL)
  expect(ticked).not.toContain(APPROVE)
  expect(ticked.filter((scope) => scope.endsWith("*"))).toEqual([])
})

it.each([
  [["all"], "Everything that you may do"],
  [["all", "approve"], "Everything that you may do; decides about tool calls in your name"],
  [["chat:read", "user:read", "chat:create"], "Chats: read, start; Accounts: read"],
  [["approve"], "decides about tool calls in your name"],
  [["chat:*"], "Chats: everything"],
  [["later:thing"], "later:thing"],
])("%j is %s", (scopes, words) => {
  expect(scopesInWords(scopes)).toBe(words)
})
