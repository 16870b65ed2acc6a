import { WebSocket } from "ws"
import { promptOf } from "./scripted-text.mjs"

/**
 * A client of a running server that knows nothing but its API: signs in, sets up a provider with the given models, opens
 * chats and prompts them. Text that arrives with a gap, twice or out of order ends the prompt with an error.
 */
export async function troupeClient({ url, providerUrl, email, password, models }) {
  const api = `${url}/api/v2`
  let token = ""
  const call = async (method, path, body) => {
    const response = await fetch(api + path, {
      method,
      headers: { "content-type": "application/json", ...(token && { "coder-session-token": token }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`)
    return text ? JSON.parse(text) : undefined
  }

  token = (await call("POST", "/users/login", { email, password })).session_token
  const organization = (await call("GET", "/users/me")).organization_ids[0]
  const configs = await setUpModels(call, providerUrl, models)
  const connect = (chatId, listener, query = "") =>
    openStream(`${api.replace(/^http/, "ws")}/chats/${chatId}/stream?coder_session_token=${token}${query}`, listener)
  const read = async (chatId) => {
    const reader = new TurnReader()
    const { close, closed } = await connect(chatId, (event) => reader.take(event))
    void closed.then(() => reader.lost())
    await reader.idle()
    return { reader, close, closed }
  }

  const send = (chatId, model, text) =>
    call("POST", `/chats/${chatId}/messages`, {
      content: [{ type: "text", text }],
      model_config_id: configs.get(model),
    })

  return {
    name: "troupe",
    /** A chat that has had its first turn (the server names a chat after it) and whose stream is open. */
    async open(tag) {
      const { id } = await call("POST", "/chats", {
        organization_id: organization,
        content: [{ type: "text", text: "hello" }],
        model_config_id: configs.get("fake-1"),
      })
      return { id, tag, ...(await read(id)) }
    },
    async prompt(chat, model, onDelta) {
      const turn = chat.reader.nextTurn(onDelta)
      await send(chat.id, model, promptOf(chat.tag))
      return turn
    },
    /** A prompt whose answer nobody here reads. */
    send: (chatId, model) => send(chatId, model, "go"),
    /** The same in place of a message, so that the chat does not grow. */
    sendAgain: (chatId, messageId, model) =>
      call("PATCH", `/chats/${chatId}/messages/${messageId}`, {
        content: [{ type: "text", text: "go" }],
        model_config_id: configs.get(model),
      }),
    chat: (chatId) => call("GET", `/chats/${chatId}`),
    /** One more reader of a chat; `turn` is the promise of the next turn's text. */
    async listen(chat) {
      const { reader, close } = await read(chat.id)
      return { turn: reader.nextTurn(() => {}), close }
    },
    /** Every event of a chat, from a cursor or from its last `tail` messages on. */
    follow: (chatId, listener, cursor, tail) =>
      connect(
        chatId,
        listener,
        (cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`) +
          (tail === undefined ? "" : `&tail=${tail}`),
      ),
    /** As `follow`, with every step of the machine. */
    inspect: (chatId, listener) => connect(chatId, listener, "&inspect=1"),
    /** One user may run 200 chats at once unless the deployment says otherwise. */
    liftLimits: () =>
      call("PUT", "/chats/config/capacity", { deployment: null, per_user: null, per_organization: null }),
    /** Resolves with the status, `waiting` or `error`, in which a chat that may be in mid-turn comes to rest. */
    async rest(chatId) {
      let done
      const rest = new Promise((resolve) => (done = resolve))
      const stream = await connect(chatId, (event) => {
        if (event.type === "status" && ["waiting", "error"].includes(event.status.status)) done(event.status.status)
      })
      const status = await rest
      stream.close()
      return status
    },
    /** Resolves when the first snapshot, of the last `tail` messages, is there. */
    async snapshot(chatId, tail) {
      let done
      const whole = new Promise((resolve) => (done = resolve))
      const stream = await connect(chatId, (event) => event.type === "status" && done(), `&tail=${tail}`)
      await whole
      stream.close()
    },
    /** Every event of a sidebar. */
    watch: (listener) => openStream(`${api.replace(/^http/, "ws")}/chats/watch?coder_session_token=${token}`, listener),
    rename: (chatId, title) => call("PATCH", `/chats/${chatId}`, { title }),
    get: (path) => call("GET", path),
    list: (limit) => call("GET", `/chats?limit=${limit}`),
    prompts: async (chatId) => (await call("GET", `/chats/${chatId}/prompts`)).prompts,
    page: async (chatId, limit) => (await call("GET", `/chats/${chatId}/messages?limit=${limit}`)).messages,
    messages: async (chatId) => (await call("GET", `/chats/${chatId}/messages`)).messages,
    steps: (chatId) => call("GET", `/chats/${chatId}/steps`),
    atVersion: (chatId, version, tail) => call("GET", `/chats/${chatId}/at/${version}?tail=${tail}`),
    attempts: async (chatId) => (await call("GET", `/chats/${chatId}/attempts`)).attempts,
  }
}

const PROVIDER = "Benchmark"

/** Config ids by model name. What an earlier client of the same data folder made is used again. */
async function setUpModels(call, providerUrl, models) {
  const listed = await call("GET", "/chats/providers")
  const provider =
    listed.find((each) => each.display_name === PROVIDER && each.source === "database") ??
    (await call("POST", "/chats/providers", {
      provider: "openai-compat",
      display_name: PROVIDER,
      base_url: `${providerUrl}/v1`,
      api_key: "not-a-secret",
    }))
  const configs = new Map((await call("GET", "/chats/model-configs")).map((config) => [config.model, config.id]))
  for (const model of models) {
    if (configs.has(model)) continue
    const config = await call("POST", "/chats/model-configs", {
      ai_provider_id: provider.id,
      model,
      context_limit: 1_000_000,
    })
    configs.set(model, config.id)
  }
  return configs
}

/** Resolves when the socket is open; each event of each frame goes to `listener`. `closed` resolves when it has ended. */
function openStream(address, listener) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false })
    const closed = new Promise((done) => socket.once("close", done))
    socket.on("message", (frame) => {
      for (const event of [JSON.parse(frame.toString("utf8"))].flat()) listener(event)
    })
    socket.once("open", () => resolve({ close: () => socket.close(), closed }))
    socket.on("error", reject)
  })
}

/** Follows one chat from turn to turn by its events. */
class TurnReader {
  #status
  #turn
  #idleWaiters = []
  #position = { key: "", seq: 0 }
  #lastError = "no reason given"

  /** Resolves once the chat waits for a prompt; rejects if it has ended in an error. */
  idle() {
    return new Promise((resolve, reject) => {
      this.#idleWaiters.push({ resolve, reject })
      this.#settleIdle()
    })
  }

  /** The text of the turn that a prompt is about to start. */
  nextTurn(onDelta) {
    return new Promise((resolve, reject) => {
      this.#turn = { onDelta, resolve, reject, text: "", begun: false }
    })
  }

  /** The stream has ended: a turn that was being read cannot be read to its end. */
  lost() {
    this.#end((turn) => turn.reject(new Error("the stream was closed")))
  }

  take(event) {
    if (event.type === "message_part") this.#takePart(event.message_part)
    else if (event.type === "error") this.#lastError = event.error.message
    else if (event.type === "preview_reset" && this.#turn) this.#turn.text = ""
    else if (event.type === "status") this.#takeStatus(event.status.status)
  }

  #takePart({ part, history_version, generation_attempt, seq }) {
    const key = `${history_version}.${generation_attempt}`
    const expected = key === this.#position.key ? this.#position.seq + 1 : 1
    this.#position = { key, seq }
    const turn = this.#turn
    if (!turn) return
    if (seq !== expected) this.#end((each) => each.reject(new Error(`part ${seq} came where ${expected} was due`)))
    else if (part.type === "text") {
      turn.begun = true
      turn.text += part.text
      turn.onDelta(part.text)
    }
  }

  #takeStatus(status) {
    this.#status = status
    this.#settleIdle()
    if (!this.#turn) return
    if (status === "error") this.#end((turn) => turn.reject(new Error(this.#lastError)))
    else if (status !== "waiting") this.#turn.begun = true
    else if (this.#turn.begun) this.#end((turn) => turn.resolve(turn.text))
  }

  #end(settle) {
    const turn = this.#turn
    this.#turn = undefined
    if (turn) settle(turn)
  }

  #settleIdle() {
    if (this.#status !== "waiting" && this.#status !== "error") return
    for (const { resolve, reject } of this.#idleWaiters.splice(0)) {
      if (this.#status === "waiting") resolve()
      else reject(new Error(this.#lastError))
    }
  }
}
