import { asNumber, asRecord, asString, parseJson } from "./json.ts"

/** What can be read from a failed call, whichever SDK or layer threw it. */
export interface FailureFacts {
  readonly status?: number
  /** Lower-case text of the error, its body and its causes: signals are searched in it. */
  readonly text: string
  /** The provider's own words, for people. */
  readonly words: string
  /** The `type` and `code` fields of an error body. */
  readonly labels: ReadonlyArray<string>
  readonly retryAfterMs?: number
  readonly aborted: boolean
}

const KNOWN_STATUS = /(?<![\w.:-])(4(?:00|01|02|03|04|08|13|22|29)|50[0-4]|529)(?![\w.:-]*\w)/

const inStatusRange = (value: number | undefined): number | undefined =>
  value !== undefined && value >= 400 && value <= 599 ? value : undefined

/**
 * A status named in a text: after "status" or "http", else a known code that stands alone. Ports (`host:429`) and HTTP/2
 * stream ids are not statuses.
 */
const statusInText = (text: string): number | undefined => {
  const named = /\b(?:status(?:[ _]?code)?|http(?:\/\d(?:\.\d)?)?)[\s:="']*([45]\d\d)\b/i.exec(text)
  if (named) return Number(named[1])
  const alone = KNOWN_STATUS.exec(text.replace(/stream(?: id)?[\s:=]*\d+/gi, ""))
  return alone ? Number(alone[1]) : undefined
}

const headerOf = (headers: unknown, name: string): string | undefined => {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  return asString(asRecord(headers)?.[name])
}

/** Retry-After as milliseconds, seconds or an HTTP date. Never negative; undefined when absent or unreadable. */
export const retryAfterMs = (headers: unknown, now: number): number | undefined => {
  const inMs = headerOf(headers, "retry-after-ms")
  if (inMs !== undefined && /^\d+(\.\d+)?$/.test(inMs.trim())) return Math.ceil(Number(inMs))
  const value = headerOf(headers, "retry-after")?.trim()
  if (value === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** An error page is markup; its text is what a person can read. */
export const stripMarkup = (text: string): string =>
  /<(?:!doctype|html|head|body)\b/i.test(text)
    ? text
        .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, " ")
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim()
    : text.trim()

interface Layer {
  readonly message: string
  readonly code: string | undefined
  readonly name: string | undefined
}

/** The error and its causes, outermost first. `fetch failed` says nothing; the cause below it does. */
const layersOf = (cause: unknown): ReadonlyArray<Layer> => {
  const layers: Array<Layer> = []
  let current: unknown = cause
  for (let depth = 0; depth < 6 && current !== undefined && current !== null; depth++) {
    if (typeof current === "string") {
      layers.push({ message: current, code: undefined, name: undefined })
      break
    }
    const fields: Readonly<Record<string, unknown>> | undefined = asRecord(current)
    if (!fields) break
    layers.push({
      message: asString(fields["message"]) ?? "",
      code: asString(fields["code"]),
      name: asString(fields["name"]),
    })
    // An AggregateError (every address of a host refused) has its reasons in `errors`.
    const errors = fields["errors"]
    current = fields["cause"] ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return layers
}

export const factsOf = (cause: unknown, now: number): FailureFacts => {
  const fields = asRecord(cause)
  const layers = layersOf(cause)
  // openai hands over the inner `error` object, anthropic the whole body, a proxy perhaps text.
  const body = fields?.["error"]
  const parsed = asRecord(typeof body === "string" ? parseJson(body) : body)
  const inner = asRecord(parsed?.["error"]) ?? parsed
  const labels = [inner?.["type"], inner?.["code"], parsed?.["code"]].flatMap((label) => asString(label) ?? [])
  const codes = layers.flatMap((layer) => (layer.code !== undefined ? [layer.code] : []))
  const messages = layers.map((layer) => layer.message).filter((message) => message !== "")
  const bodyText = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body)
  const text = [...messages, ...codes, ...labels, bodyText].join(" ")
  const status =
    inStatusRange(asNumber(fields?.["status"])) ??
    inStatusRange(asNumber(inner?.["code"]) ?? asNumber(inner?.["status"])) ??
    statusInText(text)
  const wait = retryAfterMs(fields?.["headers"], now)
  const innermost = layers.findLast((layer) => layer.message !== "")
  const code = layers.at(-1)?.code
  const words =
    asString(inner?.["message"]) ??
    asString(inner?.["detail"]) ??
    asString(inner?.["error"]) ??
    (typeof body === "string" && parsed === undefined ? asString(body) : undefined) ??
    [innermost?.message.replace(/^[45]\d\d /, "") ?? "", code ?? ""]
      .filter((part, index, all) => part !== "" && (index === 0 || !(all[0] ?? "").includes(part)))
      .join(" ")
  return {
    text: text.toLowerCase(),
    words: stripMarkup(words),
    labels,
    aborted: layers.some((layer) => layer.name === "AbortError" || layer.name === "APIUserAbortError"),
    ...(status === undefined ? {} : { status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  }
}
