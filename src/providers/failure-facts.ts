import { readError } from "./error-reading.ts"
import { asNumber, asRecord, asString } from "./json.ts"
import { headersOf, type RetryWait, retryWait, waitForLimits, waitInHeaders, waitInWords } from "./retry-wait.ts"
import { TransportRefusal } from "./stream/transport-refusal.ts"

/** What can be read from a failed call, whichever SDK or layer threw it. */
export interface FailureFacts {
  /** The HTTP status of the answer, else one that the body or the words name. */
  readonly status: number | undefined
  /** The status that is meant: a server that wraps the failure of another says 400 or 500, and the true one in the body. */
  readonly meant: number | undefined
  /** Lower-case words and codes of the failure: signals are searched in it. Addresses are left out, they name pages of help. */
  readonly text: string
  /** The provider's own words, for people. */
  readonly words: string
  /** Types, codes and reasons in the body, in small letters. */
  readonly labels: ReadonlyArray<string>
  readonly wait: RetryWait | undefined
  readonly aborted: boolean
  /** Our own side did not let the request through. */
  readonly refusal: TransportRefusal | undefined
}

const inStatusRange = (value: number | undefined): number | undefined =>
  value !== undefined && value >= 400 && value <= 599 ? value : undefined

/** After "status" or "http", after "error" or "code" where nothing is counted, or at the beginning with no words of its own. */
const STATUS_IN_TEXT =
  /\b(?:status(?:[ _]?code)?|http(?:\/\d(?:\.\d)?)?)[\s:="'(]*([45]\d\d)(?!\d| ?[a-z]*(?:tokens|characters|bytes|items))|\b(?:error|code)(?: code)?[\s:="'(]*([45]\d\d)\s*(?:[^\w\s.]|\.(?!\d)|$)|^\s*([45]\d\d)\s*(?:[:<{(-]|$)/

/** A status named in a text. Other numbers in words, as of tokens, ports and HTTP/2 streams, are not statuses. */
const statusInText = (text: string): number | undefined => {
  const found = STATUS_IN_TEXT.exec(text)
  return found === null ? undefined : Number(found[1] ?? found[2] ?? found[3])
}

/** Statuses of which a wrapped failure may know better. */
const VAGUE = new Set([400, 500, 502])

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
  readonly refusal: TransportRefusal | undefined
}

/** The error and its causes, outermost first. `fetch failed` says nothing; the cause below it does. */
const layersOf = (cause: unknown): ReadonlyArray<Layer> => {
  const layers: Array<Layer> = []
  let current: unknown = cause
  for (let depth = 0; depth < 6 && current !== undefined && current !== null; depth++) {
    if (typeof current === "string") {
      layers.push({ message: current, code: undefined, name: undefined, refusal: undefined })
      break
    }
    const fields: Readonly<Record<string, unknown>> | undefined = asRecord(current)
    if (!fields) break
    layers.push({
      message: asString(fields["message"]) ?? "",
      code: asString(fields["code"]),
      name: asString(fields["name"]),
      refusal: current instanceof TransportRefusal ? current : undefined,
    })
    // An AggregateError (every address of a host refused) has its reasons in `errors`.
    const errors = fields["errors"]
    current = fields["cause"] ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return layers
}

/** What the SDKs write when they found no words. */
const NO_WORDS = /^(?:\d{3} )?(?:status code )?\(no (?:status code or )?body\)$/

export const factsOf = (cause: unknown, now: number): FailureFacts => {
  const fields = asRecord(cause)
  const layers = layersOf(cause)
  const body = readError(fields?.["error"], now)
  // An SDK's message repeats the body as it is, and with it what the body repeats of the request.
  const spoken = fields?.["error"] === undefined ? layers : layers.slice(1)
  const messages = spoken.map(({ message }) => message).filter((message) => message !== "" && !NO_WORDS.test(message))
  const codes = layers.flatMap(({ code }) => code ?? [])
  const text = [...body.texts, ...messages, ...codes, ...body.labels]
    .join(" ")
    .toLowerCase()
    .replace(/\bhttps?:\/\/\S+/g, " ")
  const answered = inStatusRange(asNumber(fields?.["status"]))
  const status = answered ?? body.status ?? statusInText(text)
  const headers = headersOf(fields?.["headers"])
  const asked = [waitInHeaders(headers, now), ...body.waits, waitInWords(text, now)]
  const limits = status === 429 && asked.every((wait) => wait === undefined) ? waitForLimits(headers, now) : undefined
  const innermost = messages.at(-1)?.replace(/^[45]\d\d /, "") ?? ""
  const code = layers.at(-1)?.code ?? ""
  const words =
    body.texts[0] ?? [innermost, innermost.includes(code) ? "" : code].filter((part) => part !== "").join(" ")
  return {
    status,
    meant: answered === undefined || VAGUE.has(answered) ? (body.status ?? status) : answered,
    text,
    words: stripMarkup(words),
    labels: body.labels.map((label) => label.toLowerCase()),
    wait: retryWait([...asked, limits], now),
    aborted: layers.some(({ name }) => name === "AbortError" || name === "APIUserAbortError"),
    refusal: layers.find((layer) => layer.refusal !== undefined)?.refusal,
  }
}
