import { Effect, Predicate, Redacted } from "effect"
import { ModelCatalog } from "../models/catalog.ts"
import { Settings, type SettingsValues } from "../settings.ts"

/**
 * Keeps the deployment's own secrets out of what tools say. Commands may run on the server's machine, where a key is one
 * `printenv` away from a transcript that others read.
 */

const MARK = "[redacted]"

/** What is shorter may well be a word, and is not taken out: it would disfigure more than it hides. */
const LEAST_LENGTH = 12

/** A piece of a secret that says nothing. */
const HARMLESS_LENGTH = 3

/** Where a workspace has left output out: a secret may have been cut in two there. */
const GAP = /(\n?…\[\d+ bytes omitted\]…\n| …\[line cut\])/

/** Text that comes in pieces; what may be the beginning of a secret is held back until it is known. */
export interface RedactedStream {
  readonly more: (text: string) => string
  /** The text takes the place of all before it. */
  readonly anew: (text: string) => string
}

export interface Redaction {
  /** A JSON value without the secrets in its texts. */
  readonly whole: (value: unknown) => unknown
  readonly stream: () => RedactedStream
}

const harmless: Redaction = {
  whole: (value) => value,
  stream: () => ({ more: (text) => text, anew: (text) => text }),
}

const makeRedaction = (secrets: ReadonlyArray<string>): Redaction => {
  const longest = Math.max(...secrets.map(({ length }) => length))

  /** Length of the longest end of a text with which a secret begins, and is not over. */
  const begunAtEnd = (text: string): number => {
    for (let length = Math.min(longest - 1, text.length); length > 0; length -= 1) {
      const end = text.slice(-length)
      if (secrets.some((secret) => secret.length > length && secret.startsWith(end))) return length
    }
    return 0
  }

  /** Length of the longest beginning of a text that a secret ends with. */
  const overAtStart = (text: string): number => {
    for (let length = Math.min(longest - 1, text.length); length > HARMLESS_LENGTH; length -= 1) {
      const start = text.slice(0, length)
      if (secrets.some((secret) => secret.length > length && secret.endsWith(start))) return length
    }
    return 0
  }

  const withoutWhole = (text: string): string => secrets.reduce((left, secret) => left.replaceAll(secret, MARK), text)

  const withoutHalves = (piece: string, isFirst: boolean, isLast: boolean): string => {
    const start = isFirst ? 0 : overAtStart(piece)
    const cut = isLast ? 0 : begunAtEnd(piece)
    const end = piece.length - (cut > HARMLESS_LENGTH ? cut : 0)
    return `${start > 0 ? MARK : ""}${piece.slice(start, Math.max(start, end))}${end < piece.length ? MARK : ""}`
  }

  /** Every second piece is a gap. */
  const clean = (text: string): string => {
    const pieces = withoutWhole(text).split(GAP)
    return pieces
      .map((piece, at) => (at % 2 === 1 ? piece : withoutHalves(piece, at === 0, at === pieces.length - 1)))
      .join("")
  }

  const whole = (value: unknown): unknown => {
    if (typeof value === "string") return clean(value)
    if (Array.isArray(value)) return value.map(whole)
    if (!Predicate.isRecord(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [clean(name), whole(field)]))
  }

  return {
    whole,
    stream: () => {
      let held = ""
      const more = (text: string): string => {
        const known = clean(held + text)
        const open = begunAtEnd(known)
        held = known.slice(known.length - open)
        return known.slice(0, known.length - open)
      }
      return {
        more,
        anew: (text) => {
          held = ""
          return more(text)
        },
      }
    },
  }
}

/** @param secrets longer ones first taken out, so that one that holds another is gone whole */
export const redactionOf = (secrets: Iterable<string>): Redaction => {
  const long = [...new Set(secrets)].filter(({ length }) => length >= LEAST_LENGTH)
  return long.length === 0 ? harmless : makeRedaction(long.toSorted((a, b) => b.length - a.length))
}

const passwordIn = (url: string): ReadonlyArray<string> => {
  const { password } = URL.canParse(url) ? new URL(url) : { password: "" }
  return [password, decoded(password)]
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What the server was started with. */
const startedWith = ({ databaseUrl, encryptionKeys, presets }: SettingsValues): ReadonlyArray<string> => [
  ...(databaseUrl === undefined ? [] : passwordIn(Redacted.value(databaseUrl))),
  ...(encryptionKeys === undefined
    ? []
    : Redacted.value(encryptionKeys).map((key) => Buffer.from(key).toString("base64"))),
  ...[presets.openai?.apiKey, presets.anthropic?.apiKey].flatMap((key) =>
    key === undefined ? [] : [Redacted.value(key)],
  ),
]

/** By the keys of this moment: asked at the beginning of a step. */
export const presentRedaction = Effect.gen(function* () {
  const settings = yield* Settings
  const { providerKeys } = yield* ModelCatalog
  return redactionOf([...startedWith(settings), ...(yield* providerKeys)])
})
