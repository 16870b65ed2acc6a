import { createHash } from "node:crypto"
import type { ProviderCallId } from "../contract/ids.ts"

/**
 * Ids and names of earlier calls as a server takes them. Models and servers make up what no other server accepts, and what a
 * conversation holds goes to all of them. The same conversation always gets the same ids and names, and a longer one begins
 * with them: caches of the prompt depend on it.
 */

/** An id for the nth call that came with this one. `native`: the server that is called now made it. */
export type CallIdForm = (id: ProviderCallId, nth: number, native: boolean) => ProviderCallId

/** The longest id that all take is 64 characters; the rest is for a number. */
const MAX_CLEAN_ID = 56

/** Anthropic's alphabet, which suits OpenAI's Responses as well. */
export const cleanCallId: CallIdForm = (id, nth) => {
  const clean = id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, MAX_CLEAN_ID) || "call"
  return nth === 1 ? clean : `${clean}_${nth}`
}

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const SHORT_ID = /^[a-zA-Z0-9]{9}$/

/** LiteLLM keeps a thought signature in the id, and finds it there when the id comes back as it was. */
const TELLING_ID = /__thought__/

/** Nine letters and digits: Mistral takes nothing else, and every server of Chat Completions takes them. */
export const shortCallId: CallIdForm = (id, nth, native) => {
  if (nth === 1 && (SHORT_ID.test(id) || (native && TELLING_ID.test(id)))) return id
  const digest = createHash("sha256").update(`${nth}:${id}`).digest()
  return Array.from(digest.subarray(0, 9), (byte) => ALPHANUMERICS.charAt(byte % ALPHANUMERICS.length)).join("")
}

/** Ids for the calls of one conversation, in their order. Each is given once. */
export class CallIds {
  readonly #form: CallIdForm
  readonly #used = new Set<ProviderCallId>()
  readonly #last = new Map<ProviderCallId, number>()

  constructor(form: CallIdForm) {
    this.#form = form
  }

  next(id: ProviderCallId, native: boolean): ProviderCallId {
    let nth = this.#last.get(id) ?? 0
    let free: ProviderCallId
    do free = this.#form(id, ++nth, native)
    while (this.#used.has(free))
    this.#last.set(id, nth)
    this.#used.add(free)
    return free
  }
}

const MAX_NAME = 64
const NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/

const cleanName = (name: string): string => {
  const clean = name.replace(/[^a-zA-Z0-9_-]+/g, "_").slice(0, MAX_NAME) || "tool"
  // Gemini wants no digit and no dash in front.
  return NAME.test(clean) ? clean : `_${clean}`.slice(0, MAX_NAME)
}

/** Names of tools in one conversation: those of real tools as they are, the others in the alphabet of every API, none twice. */
export class ToolNames {
  readonly #names: Map<string, string>
  readonly #used: Set<string>
  readonly #last = new Map<string, number>()

  constructor(declared: ReadonlyArray<string>) {
    this.#names = new Map(declared.map((name) => [name, name]))
    this.#used = new Set(declared)
  }

  of(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const clean = cleanName(name)
    let nth = this.#last.get(clean) ?? 0
    let free: string
    do free = ++nth === 1 ? clean : `${clean.slice(0, MAX_NAME - 6)}_${nth}`
    while (this.#used.has(free))
    this.#last.set(clean, nth)
    this.#used.add(free)
    this.#names.set(name, free)
    return free
  }
}
