/** Carries out what a person has written down, with the session of this page. */

export interface GivenRequest {
  readonly method: string
  /** Path and query, of this server. */
  readonly address: string
  /** JSON text. */
  readonly body: string | undefined
  readonly idempotencyKey: string | undefined
  /** Without the session: what answers anybody must not change who is signed in here. */
  readonly isOpen: boolean
}

export interface Reply {
  readonly status: number
  readonly statusText: string
  readonly ms: number
  /** Those that say something. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly text: string
  /** There was more of it, which was not read. */
  readonly cut: boolean
}

/** More of an answer is not read. */
const MOST_BYTES = 4 * 1024 * 1024

const HEADERS = ["content-type", "retry-after", "allow", "location", "x-request-id"]

const textOf = async (response: Response): Promise<{ readonly text: string; readonly cut: boolean }> => {
  const reader = response.body?.getReader()
  if (reader === undefined) return { text: "", cut: false }
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { text: text + decoder.decode(), cut: false }
    bytes += value.length
    text += decoder.decode(value, { stream: true })
    if (bytes > MOST_BYTES) {
      await reader.cancel()
      return { text, cut: true }
    }
  }
}

/** @throws TypeError when no answer came. */
export const runRequest = async (request: GivenRequest, signal: AbortSignal): Promise<Reply> => {
  const { method, address, body, idempotencyKey, isOpen } = request
  const started = performance.now()
  const response = await fetch(address, {
    method,
    signal,
    redirect: "manual",
    credentials: isOpen ? "omit" : "same-origin",
    headers: {
      Accept: "application/json",
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(idempotencyKey !== undefined && idempotencyKey !== "" && { "Idempotency-Key": idempotencyKey }),
    },
    ...(body !== undefined && { body }),
  })
  const read = await textOf(response)
  return {
    status: response.status,
    statusText: response.statusText,
    ms: Math.round(performance.now() - started),
    headers: HEADERS.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    }),
    ...read,
  }
}
