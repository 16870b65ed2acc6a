import undici from "undici"
import { createServer, type ServerResponse } from "node:http"
import { randomBytes } from "node:crypto"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readBody, tappedFetch } from "./response-body.ts"

/** Random, so that it stays long when it is packed. */
const LONG = randomBytes(300_000).toString("hex")

const packed = (encoding: string, body: Buffer) => (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(body)
}

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
  "/hinted": (response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" })
    response.writeHead(200, { "content-type": "text/event-stream" }).end("data: after\n\n")
  },
  "/brotli": packed("br", brotliCompressSync(LONG)),
  "/deflated": packed("deflate", deflateSync(LONG)),
  "/twice": packed("gzip, br", brotliCompressSync(gzipSync(LONG))),
  "/x-gzip": packed("X-GZIP", gzipSync(LONG)),
  "/unknown": packed("zip", Buffer.from(LONG)),
  "/plain": packed("identity", Buffer.from(LONG)),
  "/six": packed("br, br, br, br, br, br", Buffer.from(LONG)),
  "/half": packed("gzip", gzipSync(LONG).subarray(0, 4000)),
  "/nothing": (response) => response.writeHead(204).end(),
  "/cut-json": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" })
    response.write("{", () => response.destroy())
  },
  "/late": () => undefined,
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

  it("comes after hints that come before the answer", async () => {
    expect(await textOf(await fetchTapped(`${url}/hinted`))).toBe("data: after\n\n")
  })

  it.each([
    ["/zipped", "data: unpacked\n\n"],
    ["/refused", "data: why\n\n"],
  ])("is that of the response where there is work with it: %s", async (path, text) => {
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

describe("any other body", () => {
  it.each(["/brotli", "/deflated", "/twice", "/x-gzip"])("is unpacked: %s", async (path) => {
    expect(await (await fetchTapped(url + path)).text()).toBe(LONG)
    expect(await textOf(await fetchTapped(url + path))).toBe(LONG)
  })

  it.each(["/unknown", "/plain", "/six"])("comes as it is where it is not packed in a known way: %s", async (path) => {
    expect(await (await fetchTapped(url + path)).text()).toBe(LONG)
  })

  it("that breaks off while it is packed gives out what has arrived", async () => {
    const text = await textOf(await fetchTapped(`${url}/half`))
    expect(text.length).toBeGreaterThan(1000)
    expect(LONG.startsWith(text)).toBe(true)
  })

  it("may not be there at all", async () => {
    const response = await fetchTapped(`${url}/nothing`)
    expect([response.status, await response.text()]).toEqual([204, ""])
  })

  it("fails when the connection breaks", async () => {
    await expect((await fetchTapped(`${url}/cut-json`)).text()).rejects.toThrow(/closed|terminated|aborted/)
  })

  it("that was read leaves its connection to the next request", async () => {
    const single = new undici.Agent({ connections: 1 })
    let connections = 0
    single.on("connect", () => void (connections += 1))
    const fetchSingle = tappedFetch(single)
    for (let count = 0; count < 5; count++) expect(await (await fetchSingle(`${url}/brotli`)).text()).toBe(LONG)
    expect(connections).toBe(1)
    await single.destroy()
  })

  it("can be given up", async () => {
    const response = await fetchTapped(`${url}/plain`)
    await response.body?.cancel()
    expect(await (await fetchTapped(`${url}/plain`)).text()).toBe(LONG)
  })
})

describe("a request", () => {
  it("does not follow a redirect", async () => {
    const response = await fetchTapped(`${url}/moved`)
    expect([response.status, response.headers.get("location")]).toEqual([307, "/stream"])
  })

  it("that is aborted before its answer ends as its signal says", async () => {
    const controller = new AbortController()
    const asked = fetchTapped(`${url}/late`, { signal: controller.signal })
    setImmediate(() => controller.abort(new Error("changed my mind")))
    await expect(asked).rejects.toThrow("changed my mind")
    await expect(fetchTapped(`${url}/late`, { signal: controller.signal })).rejects.toThrow("changed my mind")
  })

  it("to nobody fails with the reason as its cause", async () => {
    await expect(fetchTapped("http://127.0.0.1:1/")).rejects.toMatchObject({
      message: "fetch failed",
      cause: { code: "ECONNREFUSED" },
    })
  })

  it("does not go to an address with a password in it", async () => {
    await expect(fetchTapped(url.replace("//", "//me:secret@"))).rejects.toThrow(/^(?!.*secret).*password/)
  })
})
