import { Effect } from "effect"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import http from "node:http"
import { createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll } from "vitest"
import { makeAgentLink } from "../../src/workspaces/agent-link.ts"
import { makeConnection } from "../../src/workspaces/connection.ts"
import type { WorkspaceConnection } from "../../src/workspaces/workspace.ts"

/** What a program puts onto the socket in the place of an answer. */
export type RawAnswer = string

/** An answer as HTTP, whatever its body is. */
export const httpAnswer = (body: string, status = "200 OK", headers = ""): RawAnswer =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/**
 * A program that stands where a workspace's agent should be and answers every request with the same bytes, on a real socket;
 * for the test file that calls this at its top level.
 */
export const useHostileAgent = () => {
  let folder = ""
  let answer: RawAnswer = ""
  let asked = 0
  const open = new Set<Socket>()
  const pool = new http.Agent({ keepAlive: false })
  const socketOf = () => path.join(folder, "agent.sock")
  const server = createServer((socket) => {
    open.add(socket)
    socket.on("error", () => undefined)
    socket.once("close", () => open.delete(socket))
    // The requests of these tests are small: each comes in one piece.
    socket.on("data", () => {
      asked += 1
      socket.end(answer)
    })
  })

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "troupe-hostile-agent-"))
    server.listen(socketOf())
    await once(server, "listening")
  })

  afterAll(async () => {
    for (const socket of open) socket.destroy()
    server.close()
    pool.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    /** From now on, and how often it was asked since. */
    answerWith: (bytes: RawAnswer): { readonly asked: () => number } => {
      answer = bytes
      const before = asked
      return { asked: () => asked - before }
    },
    /** A connection to it, as a driver makes one. */
    connection: (): WorkspaceConnection =>
      makeConnection(
        { workspaceId: "00000000-0000-4000-8000-000000000000", directory: "/work" },
        makeAgentLink(pool, socketOf(), Effect.sync(socketOf)),
      ),
  }
}
