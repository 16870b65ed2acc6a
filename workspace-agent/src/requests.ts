import type { IncomingMessage } from "node:http"
import type { CallIdentity } from "./call-record.ts"
import type { CallHeaders, EachField, FileEdit, FileEdits, ProcessSignal, QueryName, StartProcess } from "./protocol.ts"
import { Refusal } from "./refusal.ts"

/** Reading what a request says. Whatever is not as it should be is a refusal that names the field. */

const MAX_BODY_BYTES = 10 * 1024 * 1024

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  let size = 0
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue
      size += chunk.length
      // The rest is read and thrown away: an answer sent before the end of the request could get lost.
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    }
  } catch {
    throw new Refusal(400, "The request broke off.")
  }
  if (size > MAX_BODY_BYTES) throw new Refusal(413, `The request is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`)
  return Buffer.concat(chunks)
}

const header = (request: IncomingMessage, name: keyof CallHeaders): string => {
  const value = request.headers[name.toLowerCase()]
  return typeof value === "string" ? value : ""
}

export const chatIdOf = (request: IncomingMessage): string => {
  const chatId = header(request, "Coder-Chat-Id")
  if (chatId === "") throw new Refusal(400, "The header Coder-Chat-Id is missing.")
  return chatId
}

/** Undefined for a request that no tool call stands behind. */
export const identityOf = (request: IncomingMessage): CallIdentity | undefined => {
  const toolCallId = header(request, "Coder-Tool-Call-Id")
  if (toolCallId === "") return undefined
  const messageId = header(request, "Coder-Tool-Call-Message-Id")
  if (messageId === "") throw new Refusal(400, "The header Coder-Tool-Call-Message-Id is missing.")
  const age = header(request, "Coder-Tool-Call-Age-Ms")
  if (!/^\d{1,15}$/.test(age)) throw new Refusal(400, "The header Coder-Tool-Call-Age-Ms must be milliseconds.")
  return { chatId: chatIdOf(request), messageId, toolCallId, ageMs: Number(age) }
}

export const wholeNumber = (query: URLSearchParams, name: QueryName, standard: number, max: number): number => {
  const given = query.get(name)
  if (given === null) return standard
  if (!/^\d{1,15}$/.test(given)) throw new Refusal(400, `${name} must be a whole number.`)
  return Math.min(Number(given), max)
}

export const pathOf = (query: URLSearchParams): string => {
  const path = query.get("path")
  if (path === null) throw new Refusal(400, "path is missing.")
  return path
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const jsonFields = (body: Buffer): Fields => {
  let value: unknown
  try {
    value = JSON.parse(body.toString("utf8"))
  } catch {
    throw new Refusal(400, "The body is not JSON.")
  }
  if (!isFields(value)) throw new Refusal(400, "The body must be a JSON object.")
  return value
}

const text = (fields: Fields, name: string, where = name): string => {
  const value = fields[name]
  if (typeof value !== "string") throw new Refusal(400, `${where} must be a string.`)
  if (value.includes("\0")) throw new Refusal(400, `${where} contains a NUL character.`)
  // Half a surrogate pair, which JSON can hold, is nothing that a file or a database can.
  return Buffer.from(value).toString()
}

const flag = (fields: Fields, name: string, where = name): boolean => {
  const value = fields[name] ?? false
  if (typeof value !== "boolean") throw new Refusal(400, `${where} must be true or false.`)
  return value
}

const list = (fields: Fields, name: string, where = name): ReadonlyArray<Fields> => {
  const value: unknown = fields[name]
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFields)) {
    throw new Refusal(400, `${where} must be a list of at least one object.`)
  }
  return value
}

const optionalText = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined || fields[name] === null ? undefined : text(fields, name)

const environment = (fields: Fields): Record<string, string> | undefined => {
  const value = fields["env"]
  if (value === undefined) return undefined
  if (!isFields(value)) throw new Refusal(400, "env must be an object of strings.")
  return Object.fromEntries(Object.keys(value).map((name) => [name, text(value, name, `env.${name}`)]))
}

export const startFields = (fields: Fields): EachField<StartProcess> => {
  const command = text(fields, "command")
  if (command.trim() === "") throw new Refusal(400, "command is empty.")
  return {
    command,
    workdir: optionalText(fields, "workdir"),
    env: environment(fields),
    background: flag(fields, "background"),
  }
}

export const signalField = (fields: Fields): ProcessSignal => {
  const signal = fields["signal"]
  if (signal !== "terminate" && signal !== "kill") throw new Refusal(400, 'signal must be "terminate" or "kill".')
  return signal
}

export const editFields = (fields: Fields): Array<FileEdits> =>
  list(fields, "files").map((file, at) => ({
    path: text(file, "path", `files[${at}].path`),
    edits: list(file, "edits", `files[${at}].edits`).map((edit, index) => {
      const where = `files[${at}].edits[${index}]`
      return {
        search: text(edit, "search", `${where}.search`),
        replace: text(edit, "replace", `${where}.replace`),
        replace_all: flag(edit, "replace_all", `${where}.replace_all`),
      } satisfies EachField<FileEdit>
    }),
  }))
