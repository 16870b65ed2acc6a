import fc from "fast-check"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import type { Protocol } from "./replies.ts"
import { replyEvents, writeEvent } from "./replies.ts"
import { type HostileScript, hostileScript } from "./scripts.ts"

/**
 * The hostile provider, a process of its own so that what it does is not what the test measures: `process.ts SEED`, forked; tells
 * its URL. A request whose last message says `script N` gets script N of this seed, and a good answer once the script is over; any
 * other gets a good answer at once.
 */

/** No script lasts longer, whatever it says. */
const LONGEST_MS = 3_000
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  "/v1/chat/completions": "chat",
  "/v1/responses": "responses",
  "/v1/messages": "messages",
}

const seed = Number(process.argv[2])
const asked = new Map<number, number>()

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const answerWell = (protocol: Protocol, response: ServerResponse): void => {
  const events = replyEvents(protocol, { reasoning: "", texts: ["All ", "is ", "well."], calls: [] })
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.end(events.map((event) => writeEvent(event)).join(""))
}

const play = async (script: HostileScript, response: ServerResponse): Promise<void> => {
  const over = performance.now() + LONGEST_MS
  const goesOn = () => performance.now() < over && !response.destroyed
  response.writeHead(script.status, script.headers)
  response.flushHeaders()
  do {
    for (let at = 0; at < script.body.length && goesOn(); at += script.pieceBytes) {
      if (!response.write(script.body.subarray(at, at + script.pieceBytes))) await drained(response)
      if (script.pauseMs > 0) await sleep(script.pauseMs)
    }
  } while (script.end === "again" && goesOn())
  while (script.end === "silence" && goesOn()) await sleep(50)
  if (script.end === "close") response.end()
  else response.destroy()
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done)
      resolve()
    }
    response.on("drain", done).on("close", done)
  })

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const protocol = PROTOCOLS[request.url ?? ""]
  const body = await bodyOf(request)
  if (protocol === undefined) return void response.writeHead(404).end()
  const number = Number([...body.matchAll(/script (\d+)|All is well/g)].at(-1)?.[1])
  const before = asked.get(number) ?? 0
  asked.set(number, before + 1)
  const [script] = Number.isNaN(number) ? [] : fc.sample(hostileScript(protocol), { seed: seed + number, numRuns: 1 })
  if (script === undefined || before >= script.times) answerWell(protocol, response)
  else await play(script, response)
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.destroy())
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) process.send?.({ url: `http://127.0.0.1:${address.port}` })
})
process.on("disconnect", () => process.exit(0))
