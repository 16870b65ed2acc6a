import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { chatSearch } from "./chat-search.ts"

describe("a search for chats", () => {
  it.each([
    [{}, {}],
    [{ q: " " }, {}],
    [{ q: "archived:true" }, { archived: true }],
    [{ q: 'archived:"true" archived:false' }, { archived: false }],
    [{ q: "archived:false source:created_by_me" }, {}],
    [{ q: 'source:"shared_with_me" archived:true' }, { source: "shared_with_me", archived: true }],
    [{ q: 'title:"two words" archived:true' }, { title: "two words", archived: true }],
    [{ q: "title:a:b" }, { title: "a:b" }],
    [{ q: "status:running" }, { statuses: ["running"] }],
    [{ q: "status:requires_action,pending archived:false" }, { statuses: ["pending", "requires_action"] }],
    [{ label: "team:core" }, { labels: [{ team: "core" }] }],
    [
      { q: "archived:true", label: ["team:core", "url:http://x"] },
      { archived: true, labels: [{ team: "core" }, { url: "http://x" }] },
    ],
  ])("%j is understood", (query, expected) => {
    const own = { source: "created_by_me", archived: false, labels: [] }
    expect(Either.getOrThrow(chatSearch(query))).toEqual({ ...own, ...expected })
  })

  it.each([
    [{ q: "hello" }, ["q"]],
    [{ q: "archived:maybe" }, ["q"]],
    [{ q: "archived:" }, ["q"]],
    [{ q: "archived" }, ["q"]],
    [{ q: "source:shared_with_all" }, ["q"]],
    [{ q: "source: toString:1" }, ["q", "q"]],
    [{ q: 'title: title:"" status:x pr:3' }, ["q", "q", "q", "q"]],
    [{ q: "status:running,done status:, status:running," }, ["q", "q", "q"]],
    [{ label: "team" }, ["label"]],
    [{ label: [":core", "team:"] }, ["label", "label"]],
  ])("%j is refused, and why", (query, fields) => {
    const { validations = [] } = Either.getOrThrow(Either.flip(chatSearch(query)))
    expect(validations.map(({ field }) => field)).toEqual(fields)
  })
})
