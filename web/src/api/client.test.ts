import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ApiError, call } from "./client.ts"

/** What the server saw, and what it does with each next request. */
const seen: Array<{ readonly line: string; readonly key: string | undefined }> = []
let answers: Array<(response: ServerResponse) => void> = []
let server: Server

const answer = (status: number, body?: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
const hangUp = (response: ServerResponse) => response.destroy()

const onRequest = (request: IncomingMessage, response: ServerResponse) => {
  const key = request.headers["idempotency-key"]
  seen.push({ line: `${request.method} ${request.url}`, key: typeof key === "string" ? key : undefined })
  request.resume()
  const next = answers.shift() ?? answer(500, { message: "Unexpected." })
  next(response)
}

beforeEach(async () => {
  seen.length = 0
  server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const { fetch } = globalThis
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init))
})

afterEach(async () => {
  vi.unstubAllGlobals()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const remove = (queued = 7) => call("deleteQueuedMessage", { path: { chat: "c", queued } })

it("tries a change again with the same key when the answer is lost", async () => {
  answers = [hangUp, answer(503), answer(204)]
  await remove()
  expect(seen.map(({ line }) => line)).toEqual(Array(3).fill("DELETE /api/v2/chats/c/queue/7"))
  expect(seen[0]?.key).toMatch(/^\d+(-\d+){3}$/)
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1)
})

it("gives each action a key of its own", async () => {
  answers = [answer(204), answer(204)]
  await remove()
  await remove()
  expect(new Set(seen.map(({ key }) => key)).size).toBe(2)
})

it("does not repeat what was answered, whatever the answer", async () => {
  answers = [answer(409, { message: "No." })]
  await expect(remove()).rejects.toEqual(new ApiError(409, { message: "No." }))
  expect(seen).toHaveLength(1)
})

it("gives up after three tries, with a sentence", async () => {
  answers = [hangUp, hangUp, hangUp]
  await expect(remove()).rejects.toMatchObject({ status: 0, message: expect.stringContaining("cannot be reached") })
  expect(seen).toHaveLength(3)
})

it("sends no key where the server takes none: the change is sent once", async () => {
  answers = [hangUp]
  await expect(call("logout")).rejects.toMatchObject({ status: 0 })
  expect(seen).toEqual([{ line: "POST /api/v2/users/logout", key: undefined }])
})
