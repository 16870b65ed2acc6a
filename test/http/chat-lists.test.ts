import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Chat } from "../../src/contract/chats.ts"
import { useChatServer } from "../support/chat-server.ts"
import { textContent } from "../support/client.ts"
import { chatsOf } from "../support/server-chats.ts"

/** Which chats are listed, and what is said of each. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const { create, until, idle } = chatsOf(server)

/** The status, and the fields that an answer is about. */
const refused = async (path: string): Promise<ReadonlyArray<unknown>> => {
  const { status, body } = await server.client.call("GET", path)
  const { validations = [] } = body as { readonly validations?: ReadonlyArray<{ field: string }> }
  return [status, ...validations.map(({ field }) => field)]
}
const patch = (id: string, body: object) => server.client.call("PATCH", `/chats/${id}`, { body })

const asking = async (): Promise<string> => {
  server.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] })
  return (await create({ unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] })).id
}

describe("the list", () => {
  it("is of the chats that were asked for, or refused", async () => {
    const chat = await idle()
    const kept = await idle()
    for (const id of [chat, kept]) await patch(id, { labels: { team: "core", id } })
    await patch(chat, { archived: true })
    const list = async (query: string) =>
      (await server.client.expect(Schema.Array(Chat), 200, "GET", `/chats?${query}`)).map(({ id }) => id)
    expect(await list("q=archived:true&label=team:core")).toEqual([chat])
    expect(await list("label=team:core")).toEqual([kept])
    expect(await list(`label=team:core&label=id:${kept}`)).toEqual([kept])
    expect(await list(`label=team:core&label=id:${chat}`)).toEqual([])
    await patch(kept, { title: "Straße of 100% \\_ Things" })
    for (const part of ["of 100% \\_", "OF 100%", "straße"]) {
      expect([part, await list(`q=${encodeURIComponent(`title:"${part}"`)}`)]).toEqual([part, [kept]])
    }
    expect(await list("q=title:1000")).toEqual([])
    expect(await list("q=archived:true title:things")).toEqual([])
    expect(await refused("/chats?q=status:x")).toEqual([400, "q"])
    expect(await refused("/chats?label=x")).toEqual([400, "label"])
    expect(await refused("/chats?q=archived:true&q=archived:false")).toEqual([400, "q"])
  })

  it("finds the chats that are at work or wait for somebody, however old they are", async () => {
    const [rests, asks] = [await idle(), await asking()]
    await until(asks, "requires_action.client_tools")
    const list = async (q: string) =>
      (await server.client.expect(Schema.Array(Chat), 200, "GET", `/chats?q=${q}`)).map(({ id }) => id)
    const live = await list("status:requires_action,running,pending")
    expect([live.includes(asks), live.includes(rests)]).toEqual([true, false])
    expect(await list("status:requires_action archived:true")).not.toContain(asks)
    expect(await list("status:waiting")).toContain(rests)
  })

  it("says of each chat what its agent said last", async () => {
    server.provider.script({ items: [{ text: "## Done\n\nAll of it." }] }, { items: [{ text: "**Again.**" }] })
    const { id } = await create()
    await until(id, "waiting")
    const words = async () => (await server.client.expect(Chat, 200, "GET", `/chats/${id}`)).last_turn_summary
    expect(await words()).toBe("Done")
    await server.client.call("POST", `/chats/${id}/messages`, { body: { content: textContent("again") } })
    await expect.poll(words).toBe("Again.")
    const { messages } = await server.client.messages(id)
    const asked = messages.find(({ role }) => role === "user")?.id
    server.provider.script({ items: [{ silence: true }] })
    await server.client.call("PATCH", `/chats/${id}/messages/${asked}`, { body: { content: textContent("else") } })
    expect(await words()).toBeNull()
  })
})
