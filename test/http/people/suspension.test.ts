import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { openGate } from "../../support/scripted-provider.ts"
import { joined, tokenFor } from "./people-client.ts"

/** An account is suspended, or deleted, while something is done for it. */

const server = useChatServer()

/** A turn of this person that has begun and is held. */
const working = async (client: Client) => {
  const gate = openGate()
  server.provider.script({ items: [{ text: "half" }, { gate: gate.wait }, { text: "!" }] })
  const chat = await client.createChat("go")
  await server.provider.taken()
  return { id: chat.id, release: gate.open }
}

const chatOf = async (id: string) => {
  const [row] = await server.database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) =>
        sql<{ activity: string; message: string | null }>`
          select activity, last_error ->> 'message' as message from chats where id = ${id}`,
    ).pipe(Effect.orDie),
  )
  return row
}
const ended = { activity: "error", message: expect.stringMatching(/suspended or deleted/) }

describe("a turn that runs", () => {
  it("ends when its owner is suspended, and is done again when he is active and asks", async () => {
    const { client, user } = await joined(server.client, "ada", server.url)
    const { id, release } = await working(client)
    await server.client.call("PUT", `/users/${user.id}/status/suspend`)
    await expect.poll(() => chatOf(id)).toEqual(ended)
    release()
    expect((await client.call("GET", `/chats/${id}`)).status).toBe(401)

    await server.client.call("PUT", `/users/${user.id}/status/activate`)
    const again = await Client.signIn(server.url, { email: user.email, password: "a staple and a horse" })
    server.provider.script({ items: [{ text: "whole" }] })
    await again.call("POST", `/chats/${id}/retry`, { body: {} })
    await expect.poll(async () => (await chatOf(id))?.activity).toBe("waiting")
  })

  it("ends when its owner is deleted", async () => {
    const { client, user } = await joined(server.client, "del", server.url)
    const { id, release } = await working(client)
    await server.client.call("DELETE", `/users/${user.id}`)
    await expect.poll(() => chatOf(id)).toEqual(ended)
    release()
  })

  it("ends when the service account that it belongs to is suspended", async () => {
    await server.client.call("POST", "/users", { body: { username: "robo", service_account: true } })
    await server.client.call("PUT", "/organizations/default/members/robo/roles", { body: { roles: ["agents-access"] } })
    const robot = await tokenFor(server.client, "robo", server.url)
    const { id, release } = await working(robot.client)
    await server.client.call("PUT", "/users/robo/status/suspend")
    await expect.poll(() => chatOf(id)).toEqual(ended)
    release()
    expect((await robot.client.call("GET", "/users/me")).status).toBe(401)
  })
})
