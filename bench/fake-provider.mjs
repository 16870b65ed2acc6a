// An OpenAI-compatible provider on loopback with scripted answers (Chat Completions, streamed or not). A process of its own,
// so that its work is not counted as the server's. The model name is the script: see `script` in scripted-text.mjs.
// `GET /requests` lists the requests since the last `DELETE /requests`: {model, tag, arrived, first, last}, epoch milliseconds.
import { once } from "node:events"
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { limitWrites } from "./limit-scripts.mjs"
import { lastTagIn, now, script, tokenOf, word } from "./scripted-text.mjs"

/** Without a delay, other streams get their turn after so many tokens. */
const TOKENS_AT_ONCE = 50

let requests = []

function send(response, status, body) {
  const text = JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
  response.end(text)
}

async function readBody(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

async function streamAnswer(response, row, model, { kind, tokens, delayMs }) {
  const head = {
    id: `chatcmpl-${row.number}`,
    object: "chat.completion.chunk",
    created: Math.floor(now() / 1000),
    model,
  }
  const event = (body) => `data: ${JSON.stringify({ ...head, ...body })}\n\n`
  const choice = (delta, finish_reason = null) => event({ choices: [{ index: 0, delta, finish_reason }] })
  const write = async (text) => {
    if (response.destroyed) throw new Error("the client went away")
    if (!response.write(text)) await Promise.race([once(response, "drain"), once(response, "close")])
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  response.socket?.setNoDelay(true)
  await write(choice({ role: "assistant", content: "" }))
  row.first = now()
  for (let i = 0; i < tokens; i++) {
    await write(choice({ content: tokenOf[kind](i) }))
    // By the clock, not by the pause: a busy machine must not make the tokens fewer.
    if (delayMs > 0) await sleep(Math.max(0, row.first + (i + 1) * delayMs - now()))
    else if (i % TOKENS_AT_ONCE === TOKENS_AT_ONCE - 1) await new Promise(setImmediate)
  }
  const usage = { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens }
  await write(`${choice({}, "stop")}${event({ choices: [], usage })}data: [DONE]\n\n`)
  row.last = now()
  response.end()
}

/** Each of the writes arrives by itself, as over a slow line. */
async function answerAtTheLimit(response, row, writes) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  response.socket?.setNoDelay(true)
  row.first = now()
  for (const text of writes) {
    if (response.destroyed) throw new Error("the client went away")
    if (!response.write(text)) await Promise.race([once(response, "drain"), once(response, "close")])
    await new Promise(setImmediate)
  }
  row.last = now()
  response.end()
}

function answerAtOnce(response, row, model, { tokens }) {
  const content = Array.from({ length: tokens }, (_, i) => word(i)).join("")
  row.first = row.last = now()
  send(response, 200, {
    id: `chatcmpl-${row.number}`,
    object: "chat.completion",
    created: Math.floor(now() / 1000),
    model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens },
  })
}

async function complete(request, response) {
  const row = { number: requests.length + 1, arrived: now() }
  requests.push(row)
  const text = await readBody(request)
  const body = JSON.parse(text)
  Object.assign(row, { model: body.model, tag: lastTagIn(text), bytes: Buffer.byteLength(text) })
  const writes = limitWrites(body)
  if (writes) return answerAtTheLimit(response, row, writes)
  const plan = script(body.model)
  if (!plan) return send(response, 404, { error: { message: `no model "${body.model}"`, code: "model_not_found" } })
  if (!body.stream) return answerAtOnce(response, row, body.model, plan)
  return streamAnswer(response, row, body.model, plan)
}

const server = createServer((request, response) => {
  const route = `${request.method} ${new URL(request.url, "http://loopback").pathname}`
  if (route === "POST /v1/chat/completions") {
    complete(request, response).catch((error) => {
      if (response.headersSent) response.destroy()
      else send(response, 400, { error: { message: error.message } })
    })
  } else if (route === "GET /requests") send(response, 200, requests)
  else if (route === "DELETE /requests") {
    requests = []
    send(response, 200, {})
  } else if (route === "GET /v1/models")
    send(response, 200, { object: "list", data: [{ id: "fake-200-d10", object: "model" }] })
  else send(response, 404, { error: { message: `no route ${route}` } })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
// The benchmark holds the other end: without it there is nobody to serve.
process.on("disconnect", () => process.exit(0))
