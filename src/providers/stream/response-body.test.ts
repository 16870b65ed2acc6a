import undici from "undici"
import { createServer, type ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readBody, tappedFetch } from "./response-body.ts"

/** How the server answers, by path. */
const answers: Record<string, (response: ServerResponse) => void> = {
  "/stream": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
    response.write("data: one\n\n")
    setImmediate(() => response.end("data: two\n\n"))
  },
  "/zipped": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
    response.end(gzipSync("data: unpacked\n\n"))
  },
  "/moved": (response) => response.writeHead(307, { location: "/stream" }).end(),
  "/refused": (response) => response.writeHead(400, { "content-type": "text/event-stream" }).end("data: why\n\n"),
  "/cut": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write("data: half\n\n", () => response.destroy())
  },
  // Fetch mostly never ends such a body, and does not hear of an abort.
  "/torn": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" })
    response.flushHeaders()
    setTimeout(() => response.end("\t\t"), 20)
  },
  "/endless": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write("data: and so on\n\n")
  },
}

const server = createServer((request, response) => answers[request.url ?? ""]?.(response))
const agent = new undici.Agent()
const fetchTapped = tappedFetch(agent)
let url = ""

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
})
afterAll(async () => {
  await agent.destroy()
  server.closeAllConnections()
  server.close()
})

const NEVER = new AbortController().signal

const textOf = async (response: Response): Promise<string> => {
  let text = ""
  const take = (chunk: Uint8Array) => {
    text += Buffer.from(chunk).toString()
  }
  await readBody(response, take, NEVER)
  return text
}

describe("the body of an event stream", () => {
  it("does not go through the body of the response", async () => {
    const response = await fetchTapped(`${url}/stream`)
    expect(await textOf(response)).toBe("data: one\n\ndata: two\n\n")
    expect(await response.text()).toBe("")
  })

  it("is whole, however late somebody begins to read it", async () => {
    const response = await fetchTapped(`${url}/stream`)
    // An answer of another connection comes after the end of this one.
    await textOf(await fetchTapped(`${url}/stream`))
    expect(await textOf(response)).toBe("data: one\n\ndata: two\n\n")
  })

  it("of a redirect is that of where it leads", async () => {
    expect(await textOf(await fetchTapped(`${url}/moved`))).toBe("data: one\n\ndata: two\n\n")
  })

  it.each([
    ["/zipped", "data: unpacked\n\n"],
    ["/refused", "data: why\n\n"],
  ])("is left to fetch where that has work with it: %s", async (path, text) => {
    expect(await textOf(await fetchTapped(url + path))).toBe(text)
    expect(await (await fetchTapped(url + path)).text()).toBe(text)
  })

  it("that is cut off fails after what came", async () => {
    const response = await fetchTapped(`${url}/cut`)
    const seen: Array<string> = []
    const take = (chunk: Uint8Array) => void seen.push(Buffer.from(chunk).toString())
    await expect(readBody(response, take, NEVER)).rejects.toThrow(/terminated|closed|aborted/)
    expect(seen).toEqual(["data: half\n\n"])
  })

  it("that is packed and broken is left when it does not end with its request", async () => {
    const reading = Array.from({ length: 10 }, async () => {
      const signal = AbortSignal.timeout(200)
      await readBody(await fetchTapped(`${url}/torn`, { signal }), () => undefined, signal)
    })
    expect((await Promise.allSettled(reading)).map(({ status }) => status)).toEqual(reading.map(() => "rejected"))
  })

  it("ends with the request, and with a reader that throws", async () => {
    const controller = new AbortController()
    const response = await fetchTapped(`${url}/endless`, { signal: controller.signal })
    const reading = readBody(response, () => controller.abort(), controller.signal)
    await expect(reading).rejects.toMatchObject({ name: "AbortError" })
    const other = await fetchTapped(`${url}/endless`)
    const refuse = () => {
      throw new Error("no more")
    }
    await expect(readBody(other, refuse, NEVER)).rejects.toThrow("no more")
  })
})
