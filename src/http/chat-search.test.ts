import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { chatSearch } from "./chat-search.ts"

describe("a search for chats", () => {
  it.each([
    [{}, { archived: false, labels: [] }],
    [{ q: " " }, { archived: false, labels: [] }],
    [{ q: "archived:true" }, { archived: true, labels: [] }],
    [{ q: 'archived:"true" archived:false' }, { archived: false, labels: [] }],
    [{ label: "team:core" }, { archived: false, labels: [{ team: "core" }] }],
    [
      { q: "archived:true", label: ["team:core", "url:http://x"] },
      { archived: true, labels: [{ team: "core" }, { url: "http://x" }] },
    ],
  ])("%j is understood", (query, expected) => {
    expect(Either.getOrThrow(chatSearch(query))).toEqual(expected)
  })

  it.each([
    [{ q: "hello" }, ["q"]],
    [{ q: "archived:maybe" }, ["q"]],
    [{ q: "archived:" }, ["q"]],
    [{ q: 'title:"two words" pr:3' }, ["q", "q"]],
    [{ label: "team" }, ["label"]],
    [{ label: [":core", "team:"] }, ["label", "label"]],
  ])("%j is refused, and why", (query, fields) => {
    const { validations = [] } = Either.getOrThrow(Either.flip(chatSearch(query)))
    expect(validations.map(({ field }) => field)).toEqual(fields)
  })
})
