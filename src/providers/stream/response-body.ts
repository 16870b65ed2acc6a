import { Readable } from "node:stream"
import type { Dispatcher } from "undici"
import { unpacked } from "./content-encoding.ts"

/**
 * One request and its answer, straight from the connection. `fetch` passes each network read of a body through a Node stream, an
 * async iterator and a web stream, which costs more than all that is then done with it, and as much again to begin a request. Of
 * an event stream the reader is called with each read here; every other body is an ordinary one.
 *
 * To its callers it is a fetch: the same answers, the same errors, the same abort. Redirects are theirs.
 */

type OnChunk = (chunk: Uint8Array) => void

interface End {
  readonly error?: Error
}

const headersOf = (raw: NodeJS.Dict<string | Array<string>>): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    for (const each of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, each)
  }
  return headers
}

/** What would have to be unpacked, or followed, goes the ordinary way. */
const isPlainEventStream = (status: number, headers: Headers): boolean =>
  status === 200 &&
  !headers.has("content-encoding") &&
  (headers.get("content-type") ?? "").toLowerCase().includes("text/event-stream")

/** Keeps what comes until somebody reads it, and then calls him with it. */
class Tap {
  #waiting: Array<Uint8Array> = []
  #onChunk: OnChunk | undefined
  #end: End | undefined
  #settle: ((end: End) => void) | undefined

  push(chunk: Uint8Array): void {
    if (this.#onChunk === undefined) this.#waiting.push(chunk)
    else this.#onChunk(chunk)
  }

  finish(end: End): void {
    this.#end ??= end
    this.#settle?.(this.#end)
  }

  /** Calls back for each piece, in order. Rejects when the connection breaks, is aborted, or `onChunk` throws. */
  read(onChunk: OnChunk): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = ({ error }) => (error === undefined ? resolve() : reject(error))
      let refused = false
      const deliver = (chunk: Uint8Array) => {
        if (refused) return
        try {
          onChunk(chunk)
        } catch (error) {
          refused = true
          reject(error)
        }
      }
      this.#onChunk = deliver
      for (const chunk of this.#waiting.splice(0)) deliver(chunk)
      if (this.#end !== undefined) this.#settle(this.#end)
    })
  }
}

const taps = new WeakMap<Response, Tap>()

/** A response has no body with these, and cannot be made with one. */
const BODILESS = new Set([204, 205, 304])

/** As fetch rejects: what is read of a failure is its cause. */
const failed = (error: Error, signal: AbortSignal | null | undefined): unknown =>
  signal?.aborted === true ? signal.reason : new TypeError("fetch failed", { cause: error })

const exchange = (
  agent: Pick<Dispatcher, "dispatch">,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | null | undefined,
): Promise<Response> =>
  new Promise((resolve, reject) => {
    let control: Dispatcher.DispatchController | undefined
    let tap: Tap | undefined
    let body: Readable | undefined
    let ended = false
    const abort = () => control?.abort(signal?.reason)
    const over = () => signal?.removeEventListener("abort", abort)
    signal?.addEventListener("abort", abort, { once: true })

    agent.dispatch(options, {
      onRequestStart: (controller) => {
        control = controller
        if (signal?.aborted === true) abort()
      },
      onResponseStart: (controller, status, raw, statusText = "") => {
        // Hints that come before the answer.
        if (status < 200) return
        const headers = headersOf(raw)
        if (isPlainEventStream(status, headers)) {
          tap = new Tap()
          const response = new Response(null, { status, statusText, headers })
          taps.set(response, tap)
          return resolve(response)
        }
        body = new Readable({
          read: () => controller.resume(),
          destroy: (error, done) => {
            // A body that was read to its end is destroyed, too, and its connection may serve another request by then.
            if (!ended) controller.abort(error ?? new Error("The body is not wanted."))
            done(error)
          },
        })
        body.on("error", () => undefined)
        const bytes = BODILESS.has(status) || options.method === "HEAD" ? null : unpacked(body, headers)
        resolve(new Response(bytes, { status, statusText, headers }))
      },
      onResponseData: (controller, chunk) => {
        if (tap !== undefined) tap.push(chunk)
        else if (body?.push(chunk) === false) controller.pause()
      },
      onResponseEnd: () => {
        ended = true
        over()
        tap?.finish({})
        body?.push(null)
      },
      onResponseError: (_controller, error) => {
        over()
        const reason = signal?.aborted === true ? signal.reason : error
        tap?.finish({ error: reason })
        body?.destroy(reason)
        reject(failed(error, signal))
      },
    })
  })

/** A fetch on these connections, whose event streams `readBody` takes from them directly. For requests whose body is text. */
export const tappedFetch =
  (agent: Pick<Dispatcher, "dispatch">): typeof fetch =>
  async (input, init) => {
    const { body, method = "GET", signal } = init ?? {}
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.username !== "" || url.password !== "") {
      throw new TypeError("A request cannot be made of an address with a name or a password in it.")
    }
    if (body !== undefined && body !== null && typeof body !== "string") {
      throw new TypeError("The body of a request must be text.")
    }
    if (signal?.aborted === true) throw signal.reason
    const headers = new Headers(init?.headers)
    if (!headers.has("accept-encoding")) headers.set("accept-encoding", "gzip, deflate, br")
    const options: Dispatcher.DispatchOptions = {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method.toUpperCase() as Dispatcher.HttpMethod,
      headers: Object.fromEntries(headers),
      body: body ?? null,
      // Node's own limits are off: the silence timer of a call governs, and a model may think longer than five minutes.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    return exchange(agent, options, signal)
  }

/** A body that hears that its request was aborted ends at once. */
const DEAF_AFTER_MS = 1000

/** Rejects when the signal has been aborted for a while. */
const deafTo = (signal: AbortSignal): { readonly failed: Promise<never>; readonly stop: () => void } => {
  let timer: NodeJS.Timeout | undefined
  let stop: () => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => {
    const wait = () => {
      timer = setTimeout(() => reject(signal.reason), DEAF_AFTER_MS)
    }
    if (signal.aborted) wait()
    else signal.addEventListener("abort", wait, { once: true })
    stop = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", wait)
    }
  })
  return { failed, stop }
}

/**
 * Reads the body of a response to its end. Once: who wants to stop aborts the request, whose signal this is. A body that is packed,
 * and broken, may neither end nor hear of that; then it is left.
 */
export const readBody = async (response: Response, onChunk: OnChunk, signal: AbortSignal): Promise<void> => {
  const tap = taps.get(response)
  if (tap !== undefined) return tap.read(onChunk)
  const toItsEnd = async () => {
    for await (const chunk of response.body ?? []) onChunk(chunk)
  }
  const deaf = deafTo(signal)
  await Promise.race([toItsEnd(), deaf.failed]).finally(deaf.stop)
}
