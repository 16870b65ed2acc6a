import { once } from "node:events"
import { connect } from "node:net"
import { expect, it } from "vitest"
import { useServer } from "./server.ts"

const server = useServer()

/** What comes back on a bare socket for a login with this `Expect`, whose body is sent at once. */
const answerTo = async (expectation: string): Promise<string> => {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  let text = ""
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()))
  socket.write(
    `POST /api/v2/users/login HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n` +
      `Expect: ${expectation}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
  )
  await once(socket, "close")
  return text
}

it("refuses an expectation that it does not know in the words of the API", async () => {
  const answer = await answerTo("nonsense")
  expect(answer).toMatch(/^HTTP\/1\.1 417 /)
  const [, body = ""] = answer.split("\r\n\r\n")
  const json = body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1)
  expect(JSON.parse(json)).toEqual({ message: expect.stringMatching(/100-continue\.$/) })
})

it("meets the one that it knows", async () => {
  expect(await answerTo("100-continue")).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /)
})
