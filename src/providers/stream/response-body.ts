import type { Dispatcher } from "undici"

/**
 * The body of an event stream straight from the connection. `fetch` passes each network read through a Node stream, an async
 * iterator and a web stream, which costs more than all that is then done with it; here the reader is called with it.
 * Everything else about the request is fetch's: headers, redirects, errors, the abort.
 */

type OnChunk = (chunk: Uint8Array) => void

/** What Node's fetch wants to be called with for each request, the methods that matter here. */
interface Handler {
  readonly onHeaders: (status: number, headers: ReadonlyArray<Buffer>, ...rest: ReadonlyArray<unknown>) => unknown
  readonly onData: (chunk: Buffer) => unknown
  readonly onComplete: (trailers: unknown) => unknown
  readonly onError: (error: Error) => unknown
}

const headerOf = (raw: ReadonlyArray<Buffer>, name: string): string | undefined => {
  const at = raw.findIndex((part, index) => index % 2 === 0 && part.toString("latin1").toLowerCase() === name)
  return at === -1 ? undefined : raw[at + 1]?.toString("latin1")
}

/** What fetch would have to unpack, or to follow, stays with it. */
const isPlainEventStream = (status: number, raw: ReadonlyArray<Buffer>): boolean =>
  status === 200 &&
  headerOf(raw, "content-encoding") === undefined &&
  (headerOf(raw, "content-type") ?? "").toLowerCase().includes("text/event-stream")

/** Takes the body of one response away from fetch, if it is an event stream. */
class Tap {
  #direct = false
  #waiting: Array<Uint8Array> = []
  #onChunk: OnChunk | undefined
  #end: { readonly error?: Error } | undefined
  #settle: ((end: { readonly error?: Error }) => void) | undefined
  /** Fetch aborts a response that is garbage, and does not know that somebody reads this one. */
  response: unknown

  get direct(): boolean {
    return this.#direct
  }

  wrap(handler: Handler): Handler {
    // A Node whose fetch is made in another way reads its streams itself.
    if (typeof handler.onHeaders !== "function" || typeof handler.onData !== "function") return handler
    // Derived, so that what it keeps on itself, and what else it has, stay its own.
    const tapped: Handler = Object.create(handler)
    return Object.assign(tapped, {
      onHeaders: (status: number, headers: ReadonlyArray<Buffer>, ...rest: ReadonlyArray<unknown>) => {
        this.#direct = isPlainEventStream(status, headers)
        return handler.onHeaders.call(tapped, status, headers, ...rest)
      },
      onData: (chunk: Buffer) => {
        if (!this.#direct) return handler.onData.call(tapped, chunk)
        if (this.#onChunk === undefined) this.#waiting.push(chunk)
        else this.#onChunk(chunk)
        return true
      },
      onComplete: (trailers: unknown) => {
        this.#finish({})
        return handler.onComplete.call(tapped, trailers)
      },
      onError: (error: Error) => {
        this.#finish({ error })
        return handler.onError.call(tapped, error)
      },
    })
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

  #finish(end: { readonly error?: Error }): void {
    this.#end ??= end
    this.#settle?.(this.#end)
  }
}

const taps = new WeakMap<Response, Tap>()

/** Node's fetch on these connections, whose event streams `readBody` takes from them directly. */
export const tappedFetch =
  (agent: Pick<Dispatcher, "dispatch">): typeof fetch =>
  async (input, init) => {
    const tap = new Tap()
    const dispatcher = {
      dispatch: (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) =>
        agent.dispatch(
          // Node's own limits are off: the silence timer of a call governs, and a model may think longer than five minutes.
          { ...options, headersTimeout: 0, bodyTimeout: 0 },
          tap.wrap(handler as unknown as Handler) as unknown as Dispatcher.DispatchHandler,
        ),
    }
    const response = await fetch(input, Object.assign({}, init, { dispatcher }))
    if (tap.direct) {
      tap.response = response
      taps.set(response, tap)
    }
    return response
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
