import { isRecord, type JsonRecord, parseJson } from "./json.ts"
import { headersOf, WAIT_FIELDS, waitForLimits, waitOfField } from "./retry-wait.ts"

/**
 * What an error body says, whatever its shape. Only fields that hold a server's own words are read: others repeat the request,
 * and what people wrote in a conversation says nothing about the failure.
 */
export interface ErrorReading {
  /** The server's words, the most telling first. */
  readonly texts: ReadonlyArray<string>
  /** Types, codes and reasons. */
  readonly labels: ReadonlyArray<string>
  /** An HTTP status in a field, 400 to 599. */
  readonly status: number | undefined
  /** Milliseconds, from fields that say when to come again. */
  readonly waits: ReadonlyArray<number>
}

/**
 * Names in small letters without underscores, the most telling first: a gateway's `metadata` holds the words of the provider
 * behind it, while its own only say that this one failed.
 */
const WORDS = [
  "metadata",
  "raw",
  "message",
  "msg",
  "detail",
  "faultstring",
  "errormessage",
  "errormsg",
  "errordescription",
  "statusmsg",
  "error",
  "errors",
  "details",
  "description",
  "reason",
  "title",
  "fault",
  "baseresp",
  "response",
  "body",
]
const LABELS = new Set(["type", "code", "errorcode", "errortype", "status", "reason", "param"])
const STATUSES = new Set(["code", "status", "statuscode", "errorcode", "httpstatus", "httpcode", "httpstatuscode"])

const MAX_DEPTH = 8
const MAX_ENTRIES = 20

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "")

const statusOf = (value: unknown): number | undefined => {
  const number = typeof value === "number" || (typeof value === "string" && /^\d{3}$/.test(value)) ? Number(value) : 0
  return Number.isInteger(number) && number >= 400 && number <= 599 ? number : undefined
}

/** `{loc, msg}`: which field of the request is meant, and what is wrong with it. */
const validationOf = (item: unknown): string | undefined => {
  if (!isRecord(item) || typeof item["msg"] !== "string") return undefined
  const place = Array.isArray(item["loc"]) ? item["loc"].map(String).join(".") : ""
  return place === "" ? item["msg"] : `${item["msg"]} (${place})`
}

/** The fields of JSON that was cut off: what stands before the cut is worth reading. */
const fieldsOfTorn = (text: string): JsonRecord =>
  Object.fromEntries(
    [...text.slice(0, 16_384).matchAll(/"(\w{1,40})"\s*:\s*("(?:[^"\\]|\\.)*")/g)]
      .map(([, name, value]): readonly [string, unknown] => [name ?? "", parseJson(value ?? "")])
      // The first of a name is the outermost.
      .reverse(),
  )

class Reading {
  readonly texts: Array<string> = []
  readonly labels: Array<string> = []
  readonly waits: Array<number> = []
  status: number | undefined
  readonly #now: number

  constructor(now: number) {
    this.#now = now
  }

  value(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) return
    if (typeof value === "string") this.#text(value, depth)
    else if (Array.isArray(value)) this.#list(value.slice(0, MAX_ENTRIES), depth)
    else if (isRecord(value)) this.#record(value, depth)
  }

  #text(text: string, depth: number): void {
    const words = text.trim()
    const found = this.texts.length
    if (/^[[{]/.test(words)) this.value(parseJson(words) ?? fieldsOfTorn(words), depth + 1)
    if (this.texts.length === found && words !== "") this.texts.push(words)
  }

  #list(list: ReadonlyArray<unknown>, depth: number): void {
    const validations = list.flatMap((item) => validationOf(item) ?? [])
    if (validations.length > 0) this.texts.push(validations.join("; "))
    for (const item of list) this.value(item, depth + 1)
  }

  #record(record: JsonRecord, depth: number): void {
    const fields = new Map(Object.entries(record).map(([name, value]) => [plainName(name), value]))
    for (const [name, value] of fields) {
      if (LABELS.has(name) && typeof value === "string" && value !== "") this.labels.push(value)
      if (STATUSES.has(name)) this.status ??= statusOf(value)
      const unit = WAIT_FIELDS[name]
      const wait = unit === undefined ? undefined : waitOfField(unit, value, this.#now)
      if (wait !== undefined) this.waits.push(wait)
      // A gateway hands on the headers that it got.
      const limits = name === "headers" ? waitForLimits(headersOf(value), this.#now) : undefined
      if (limits !== undefined) this.waits.push(limits)
    }
    for (const name of WORDS) this.value(fields.get(name), depth + 1)
  }
}

/** Of a body in which no field is known, all that can be shown in a line. */
const plainFields = (body: unknown): string => {
  const around = isRecord(body) ? (body["error"] ?? body) : body
  const inner = isRecord(around) ? (around["error"] ?? around) : around
  return Object.entries(isRecord(inner) || Array.isArray(inner) ? inner : {})
    .filter(([, value]) => typeof value === "number" || (typeof value === "string" && value !== ""))
    .slice(0, MAX_ENTRIES)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(", ")
}

/** Reads a body: JSON of any shape, or text. */
export const readError = (body: unknown, now: number): ErrorReading => {
  const reading = new Reading(now)
  reading.value(body, 0)
  const rest = reading.texts.length === 0 ? plainFields(body) : ""
  if (rest !== "") reading.texts.push(rest)
  return reading
}
